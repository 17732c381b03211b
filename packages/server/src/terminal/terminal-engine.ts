import { userInfo } from 'node:os'
import type { Log, Principal, Runs, Runtime, Store, Visitor } from '@countersign/core'
import { auditSigner } from '../audit/audit-signer.ts'
import { InstanceAudit } from '../audit/instance-audit.ts'
import { compose } from '../compose.ts'
import { type Built, build, type ServerConfig } from '../config/build.ts'
import { keyPlace } from '../config/state-files.ts'
import { openKeyRing } from '../keys/key-ring.ts'
import { nodeRuntime } from '../runtime/node-runtime.ts'
import { startScheduler } from '../scheduler/scheduler.ts'
import { type Loopback, openLoopback } from './loopback.ts'
import { SignInDoor } from './sign-in-door.ts'
import { openTerminalStore } from './terminal-store.ts'

/** How long what is under way may take to end when the terminal leaves, milliseconds. */
const GRACE_MS = 3_000

/** A workflow's engine in this process, for the person at its terminal. */
export interface TerminalEngine {
  readonly runtime: Runtime
  readonly store: Store
  readonly runs: Runs
  readonly built: Built
  readonly visitor: Visitor
  readonly door: SignInDoor
  /** See `TerminalStore.place`. */
  readonly place: number
  close(): Promise<void>
}

/**
 * Opens the engine of a configuration. Whoever starts it has the file's authority, as the system's user of that name.
 * @throws CountersignError `invalid_config`, `storage_unavailable` when keys, database or loopback address cannot be used
 */
export async function openTerminalEngine(config: ServerConfig, log: Log): Promise<TerminalEngine> {
  const runtime = nodeRuntime(log)
  const keys = openKeyRing(keyPlace(config), runtime)
  const kept = await openTerminalStore(config, runtime)
  const { store } = kept
  let loopback: Loopback | undefined
  try {
    const built = build(config, runtime)
    loopback = await openLoopback()
    const { deps, paths } = compose({ config, built, keys, store, runtime, publicOrigin: loopback.origin, limits: undefined })
    const { runs, consents } = deps
    const visitor = { principal: terminalPrincipal(), sessionId: null }
    const door = new SignInDoor(loopback.origin, runtime)
    loopback.open(door.app({ consents, visitor, callback: paths.callback }))
    await endLeftovers(runs, store)
    const audit = new InstanceAudit({ store, runtime, keys, signer: auditSigner(keys.audit) })
    const stopScheduler = startScheduler({ tick: () => Promise.all([runs.tick(), audit.tick()]).then(() => undefined) }, runtime)
    const close = closing({ runs, store, audit, loopback, stopScheduler })
    return { runtime, store, runs, built, visitor, door, place: kept.place, close }
  } catch (error) {
    await loopback?.close()
    await store.close()
    throw error
  }
}

/** The person at the terminal: who may start the command is whom the system says. */
function terminalPrincipal(): Principal {
  const name = userName()
  return { id: `user:terminal:${name}`, kind: 'user', name, roles: [] }
}

/** A system may know its user by number only, as containers do. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'unknown')
  }
}

/** What a process left behind that was ended without a word: nobody sits before it any more, so it is stopped, and its questions with it. */
async function endLeftovers(runs: Runs, store: Store): Promise<void> {
  await runs.releaseAll()
  const left = await store.transact('leftovers', (transaction) =>
    transaction.find('runs', { state: { oneOf: ['queued', 'ready', 'waiting'] } }),
  )
  for (const { conversationId, principal, sessionId } of left) await runs.cancel(conversationId, { principal, sessionId })
}

/** Ends everything once, however often it is called; the store last. */
function closing(parts: {
  readonly runs: Runs
  readonly store: Store
  readonly audit: InstanceAudit
  readonly loopback: Loopback
  readonly stopScheduler: () => Promise<void>
}): () => Promise<void> {
  let closed: Promise<void> | undefined
  const close = async (): Promise<void> => {
    const lastLook = parts.stopScheduler()
    await parts.runs.stop(GRACE_MS)
    await lastLook
    await parts.loopback.close()
    await parts.audit.close()
    await parts.store.close()
  }
  return () => (closed ??= close())
}
