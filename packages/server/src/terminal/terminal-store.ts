import { join } from 'node:path'
import { isCountersignError, type Runtime, type Store } from '@countersign/core'
import type { Config } from '../config/load-config.ts'
import { stateFolder } from '../config/state-files.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'

/** How many may run on one computer at once, each with a database of its own. */
const MAX_PLACES = 16

/** The store of one process at a terminal. */
export interface TerminalStore {
  readonly store: Store
  /** 1 for the usual one; further ones, for those that run at the same time, have sign-ins of their own. */
  readonly place: number
}

/**
 * Opens what a terminal keeps: beside the server's own state, and never in a database that servers share. There it would take up other people's runs, and one user name on two
 * computers would be one person.
 * @throws CountersignError `storage_unavailable` when it cannot be used, or too many run at once
 */
export async function openTerminalStore(config: Pick<Config, 'store' | 'directory'>, runtime: Runtime): Promise<TerminalStore> {
  for (let place = 1; ; place += 1) {
    const file = join(stateFolder(config), place === 1 ? 'terminal.db' : `terminal-${place}.db`)
    try {
      return { store: await openSqliteStore({ file, runtime }), place }
    } catch (error) {
      if (!isHeld(error) || place === MAX_PLACES) throw error
    }
  }
}

/** Whether another process has it, and says which. */
function isHeld(error: unknown): boolean {
  return isCountersignError(error, 'storage_unavailable') && error.details['pid'] !== undefined
}
