import { join } from 'node:path'
import { isCountersignError, type Runtime, type Store } from '@countersign/core'
import type { Config } from '../config/load-config.ts'
import { databasePlace, stateFolder } from '../config/state-files.ts'
import { openPostgres } from '../store/open-store.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'

/** How many may run on one computer at once, each with a database of its own. */
const MAX_PLACES = 16

/** The store of one process at a terminal. */
export interface TerminalStore {
  readonly store: Store
  /** Whether other processes write to it, too. */
  readonly isShared: boolean
  /** 1 for the usual one; further ones, for those that run at the same time, have sign-ins of their own. */
  readonly place: number
}

/**
 * Opens what a terminal keeps: beside the server's own state, so that it never stands in a server's way, or in the database that servers share.
 * @throws CountersignError `storage_unavailable` when it cannot be used, or too many run at once
 */
export async function openTerminalStore(config: Pick<Config, 'store' | 'directory'>, runtime: Runtime): Promise<TerminalStore> {
  if (databasePlace(config).kind === 'postgres') return { store: await openPostgres(config.store, { runtime }), isShared: true, place: 1 }
  for (let place = 1; ; place += 1) {
    const file = join(stateFolder(config), place === 1 ? 'terminal.db' : `terminal-${place}.db`)
    try {
      return { store: await openSqliteStore({ file, runtime }), isShared: false, place }
    } catch (error) {
      if (!isHeld(error) || place === MAX_PLACES) throw error
    }
  }
}

/** Whether another process has it, and says which. */
function isHeld(error: unknown): boolean {
  return isCountersignError(error, 'storage_unavailable') && error.details['pid'] !== undefined
}
