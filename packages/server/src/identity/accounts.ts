import {
  adoptSession,
  appendToStream,
  type AuditRecord,
  cancelSession,
  type Connections,
  errorFacts,
  type Principal,
  type Rows,
  type RunDeps,
  type Transaction,
  type Visitor,
} from '@countersign/core'
import type { OpenedSession, Sessions, SessionVisitor } from './sessions.ts'

export interface AccountDeps {
  readonly sessions: Sessions
  readonly connections: Connections
  readonly runs: RunDeps
}

/** What a unit that ended sessions leaves to be told to providers. */
interface Left {
  readonly principal: Principal
  readonly credentials: readonly Rows['credentials'][]
}

/** Why a session ends. */
type SignOutReason = AuditRecord<'sign-out'>['why']

/** How often sessions that nobody used are looked for, milliseconds. */
const LOOK_PERIOD_MS = 60_000

/**
 * Who is in which browser: people sign in, and leave. A session that ends takes with it what it has under way, and with the last one of a
 * principal go its connections: nobody is left who could use or end them.
 */
export class Accounts {
  readonly #deps: AccountDeps
  #nextLookAt = 0

  constructor(deps: AccountDeps) {
    this.#deps = deps
  }

  /**
   * Puts a user's session in the place of the browser's, in one unit: an anonymous one hands over what it has, somebody else's ends.
   * @returns the new session, or undefined when the old one has ended meanwhile
   */
  async signIn(visitor: SessionVisitor, user: Principal, browser: string): Promise<OpenedSession | undefined> {
    const { sessions, runs } = this.#deps
    const { row, ...opened } = sessions.make(browser, user)
    const left = await runs.store.transact('sign-in', async (transaction) => {
      if (!(await sessions.end(transaction, visitor.sessionId))) return undefined
      await transaction.insert('sessions', row)
      const replaced = await this.#replace(transaction, visitor, opened.visitor)
      // Conversations come before trails, see `#leave`.
      const record = { type: 'sign-in', principal: user.id, session: row.id, from: visitor.principal.id, browser } as const
      await this.#record(transaction, record)
      return replaced
    })
    if (!left) return undefined
    this.#tell(left)
    return opened
  }

  /** Ends one of the visitor's sessions, perhaps the one they are in. @returns how many ended: none when there is no such session of theirs */
  endSession({ principal }: Visitor, sessionId: string): Promise<number> {
    return this.#end(principal, 'asked', (id) => id === sessionId)
  }

  /** Signs out of the visitor's session, or of all they have. @returns how many sessions ended */
  signOut({ principal, sessionId }: SessionVisitor, isEverywhere: boolean): Promise<number> {
    return this.#end(principal, 'asked', (id) => isEverywhere || id === sessionId)
  }

  /** Ends the sessions that were not used for their lifetime; looks for them once a minute, however often it is called. */
  async endUnused(): Promise<void> {
    const now = this.#deps.runs.runtime.now()
    if (now < this.#nextLookAt) return
    this.#nextLookAt = now + LOOK_PERIOD_MS
    for (const { id, principal } of await this.#deps.sessions.takeUnused()) await this.#end(principal, 'unused', (each) => each === id)
  }

  async #replace(transaction: Transaction, from: SessionVisitor, to: Visitor): Promise<Left> {
    const { runs, connections } = this.#deps
    const { principal } = from
    const isSame = principal.id === to.principal.id
    if (principal.kind !== 'anonymous' && !isSame)
      return this.#leave(transaction, principal, { sessionIds: [from.sessionId], why: 'replaced' })
    await adoptSession(transaction, runs, { from, to })
    if (isSame) await this.#record(transaction, { type: 'sign-out', principal: principal.id, session: from.sessionId, why: 'replaced' })
    return { principal, credentials: isSame ? [] : await connections.takeAll(transaction, principal) }
  }

  async #end(principal: Principal, why: SignOutReason, isMeant: (sessionId: string) => boolean): Promise<number> {
    const { sessions, runs } = this.#deps
    const { ids, left } = await runs.store.transact('sign-out', async (transaction) => {
      const rows = await transaction.find('sessions', { principalId: principal.id }, { orderBy: 'id' })
      const ended: string[] = []
      for (const { id } of rows.filter((row) => isMeant(row.id))) if (await sessions.end(transaction, id)) ended.push(id)
      return { ids: ended, left: ended.length === 0 ? undefined : await this.#leave(transaction, principal, { sessionIds: ended, why }) }
    })
    for (const session of ids) runs.runtime.log.info('session ended', { session })
    if (left) this.#tell(left)
    return ids.length
  }

  /** What ends with sessions that were just removed. */
  async #leave(
    transaction: Transaction,
    principal: Principal,
    { sessionIds, why }: { sessionIds: readonly string[]; why: SignOutReason },
  ): Promise<Left> {
    const { runs, connections } = this.#deps
    // First all conversations, then the trail: so does whoever brings a credential.
    for (const id of sessionIds) await cancelSession(transaction, runs, { id, by: principal.id })
    for (const session of sessionIds) await this.#record(transaction, { type: 'sign-out', principal: principal.id, session, why })
    // Another server may end the last but one at the same moment: the records stand in one order, and whoever comes later sees what the other did.
    const live = { principalId: principal.id, expiresAt: { above: runs.runtime.now() } }
    const others = await transaction.find('sessions', live, { limit: 1 })
    return { principal, credentials: others.length > 0 ? [] : await connections.takeAll(transaction, principal) }
  }

  /** Nobody waits for it: leaving does not depend on how fast another server answers. */
  #tell({ principal, credentials }: Left): void {
    const { connections, runs } = this.#deps
    connections.withdraw(credentials, principal).catch((error: unknown) => {
      runs.runtime.log.warn('the end of connections could not be recorded', errorFacts(error))
    })
  }

  #record(transaction: Transaction, record: AuditRecord<'sign-in' | 'sign-out'>): Promise<void> {
    const { runtime } = this.#deps.runs
    return appendToStream(transaction, runtime, { stream: `principal:${record.principal}`, record })
  }
}
