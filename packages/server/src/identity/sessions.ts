import {
  type KeySource,
  type Principal,
  type Rows,
  type Runtime,
  type Store,
  type Transaction,
  type Visitor,
  digestText,
  toBase64url,
} from '@countersign/core'
import { signValue, verifyValue } from './signed-value.ts'

/** How long a browser's session lasts without being used, milliseconds. */
export const SESSION_LIFETIME_MS = 30 * 24 * 60 * 60_000
/** A session that was used is prolonged at most this often: not each request is a write. */
const PROLONG_AFTER_MS = 60 * 60_000
/** How long a new one lasts until its browser has come back with it, milliseconds: who keeps no cookies leaves one behind with each request. */
export const FIRST_RETURN_MS = 60 * 60_000
/** How long something that was on its way may take to arrive after a session's end, milliseconds. */
const LINGER_MS = 60_000
/** Whose an ended session is. */
const NOBODY = ''
/** Of the sessions, those that nobody has ended. */
const LIVE = { principalId: { not: NOBODY } } as const
/** How many sessions of one person are listed, the newest first. */
const MAX_LISTED = 100

export interface SessionDeps {
  readonly store: Store
  readonly runtime: Runtime
  readonly keys: KeySource
}

/** Somebody in one of their sessions, by a browser's cookie. */
export interface SessionVisitor extends Visitor {
  readonly sessionId: string
}

/** A session that was just opened, and what the browser is to keep of it. */
export interface OpenedSession {
  readonly visitor: SessionVisitor
  readonly cookie: string
}

/** A session made up, and not written down yet. */
export interface NewSession extends OpenedSession {
  readonly row: Rows['sessions']
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
  async find(cookie: string | undefined): Promise<SessionVisitor | undefined> {
    const { store, runtime, keys } = this.#deps
    // Another server may have signed it with a key that is a moment old.
    const value = cookie === undefined ? undefined : (verifyValue(cookie, keys()) ?? verifyValue(cookie, keys('of that cookie')))
    if (value === undefined) return undefined
    const id = digestText(runtime, value)
    const now = runtime.now()
    const row = await store.transact('session', async (transaction) => {
      const found = await transaction.get('sessions', { id, ...LIVE })
      if (!found || found.expiresAt <= now) return undefined
      if (found.expiresAt - now >= SESSION_LIFETIME_MS - PROLONG_AFTER_MS) return found
      // Perhaps another server has ended it since it was read.
      return transaction.updateOne('sessions', { id, ...LIVE }, { expiresAt: now + SESSION_LIFETIME_MS })
    })
    return row && { principal: row.principal, sessionId: row.id }
  }

  /**
   * Opens a session for a browser nobody is signed in to.
   * @param browser in words, see `browserWords`
   * @param lifetimeMs how long it lasts if it is not used
   */
  async open(browser: string, lifetimeMs = SESSION_LIFETIME_MS): Promise<OpenedSession> {
    const { row, ...opened } = this.make(browser)
    const expiresAt = row.createdAt + lifetimeMs
    await this.#deps.store.transact('session-open', (transaction) => transaction.insert('sessions', { ...row, expiresAt }))
    return opened
  }

  /** Makes up a session, of a user or, without one, of nobody known. It counts once its row is inserted. */
  make(browser: string, user?: Principal): NewSession {
    const { runtime, keys } = this.#deps
    const value = toBase64url(runtime.randomBytes(32))
    const id = digestText(runtime, value)
    const principal: Principal = user ?? { id: `anonymous:${id}`, kind: 'anonymous', roles: [] }
    const now = runtime.now()
    const times = { createdAt: now, expiresAt: now + SESSION_LIFETIME_MS }
    const row = { id, principal, principalId: principal.id, browser, signInDigest: null, sealedSignIn: null, ...times }
    return { visitor: { principal, sessionId: id }, cookie: signValue(value, keys()), row }
  }

  /** The sessions of a principal that have not ended, the newest first. */
  async listOf(principal: Principal): Promise<readonly Rows['sessions'][]> {
    const where = { principalId: principal.id, expiresAt: { above: this.#deps.runtime.now() } }
    const newest = { orderBy: 'createdAt', descending: true, limit: MAX_LISTED } as const
    return this.#deps.store.transact('sessions', (transaction) => transaction.find('sessions', where, newest))
  }

  /**
   * Ends a session, in a unit: its cookie is nobody's from then on, and whoever has its sockets hears of it. An empty row stays for a while, by which
   * a message that was on its way is known to come too late.
   * @returns whether it was there
   */
  async end(transaction: Transaction, id: string): Promise<boolean> {
    const nobody = { principalId: NOBODY, expiresAt: this.#deps.runtime.now(), browser: '', signInDigest: null, sealedSignIn: null }
    await transaction.lock(id)
    const ended = await transaction.update('sessions', { id, ...LIVE }, nobody)
    if (ended > 0) transaction.notify('session', id)
    return ended > 0
  }

  /** Sessions that were not used for their lifetime and have not been ended, some at a time. Those that were never used go, and what is left of ended ones. */
  async takeUnused(): Promise<readonly Rows['sessions'][]> {
    const { store, runtime } = this.#deps
    const expired = { expiresAt: { atMost: runtime.now() - LINGER_MS } }
    return store.transact('unused-sessions', async (transaction) => {
      await transaction.remove('sessions', { ...expired, principalId: NOBODY })
      // Whatever was used once outlives its creation by a lifetime.
      await transaction.remove('sessions', { ...expired, createdAt: { above: runtime.now() - SESSION_LIFETIME_MS } })
      return transaction.find('sessions', expired, { limit: MAX_LISTED })
    })
  }
}
