import { type Principal, type Runtime, type SealingKey, type Store, type Visitor, digestText } from '@countersign/core'
import { signValue, verifyValue } from './signed-value.ts'

/** How long a browser's session lasts without being used, milliseconds. */
export const SESSION_LIFETIME_MS = 30 * 24 * 60 * 60_000
/** A session that was used is prolonged at most this often: not each request is a write. */
const PROLONG_AFTER_MS = 60 * 60_000

export interface SessionDeps {
  readonly store: Store
  readonly runtime: Runtime
  readonly keys: readonly [SealingKey, ...SealingKey[]]
}

/**
 * The sessions of browsers. The cookie's value is made here, signed, and nowhere in the database: its digest is the row's id, and an anonymous
 * principal is named after it.
 */
export class Sessions {
  readonly #deps: SessionDeps

  constructor(deps: SessionDeps) {
    this.#deps = deps
  }

  /** Who brings this cookie, or undefined for a missing, forged, unknown or ended one. */
  async find(cookie: string | undefined): Promise<Visitor | undefined> {
    const { store, runtime, keys } = this.#deps
    const value = cookie === undefined ? undefined : verifyValue(cookie, keys)
    if (value === undefined) return undefined
    const id = digestText(runtime, value)
    const now = runtime.now()
    const row = await store.transact('session', async (transaction) => {
      const found = await transaction.get('sessions', { id })
      if (found && found.expiresAt > now && found.expiresAt - now < SESSION_LIFETIME_MS - PROLONG_AFTER_MS)
        await transaction.update('sessions', { id }, { expiresAt: now + SESSION_LIFETIME_MS })
      return found
    })
    return row && row.expiresAt > now ? { principal: row.principal, sessionId: row.id } : undefined
  }

  /** Opens a session for a browser nobody is signed in to. @returns its visitor and the cookie's value */
  async open(): Promise<{ readonly visitor: Visitor; readonly cookie: string }> {
    const { store, runtime, keys } = this.#deps
    const value = `${runtime.id()}${runtime.id()}`
    const id = digestText(runtime, value)
    const principal: Principal = { id: `anonymous:${id}`, kind: 'anonymous', roles: [] }
    const now = runtime.now()
    await store.transact('session-open', (transaction) =>
      transaction.insert('sessions', { id, principal, createdAt: now, expiresAt: now + SESSION_LIFETIME_MS }),
    )
    return { visitor: { principal, sessionId: id }, cookie: signValue(value, keys) }
  }
}
