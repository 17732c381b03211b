import {
  appendToStream,
  type AuthProvider,
  type AuthRequirement,
  type AuthStep,
  digestText,
  errorFacts,
  type ErrorCode,
  isCountersignError,
  type JsonObject,
  type Runtime,
  type Sealer,
  type Store,
  userOf,
  type Visitor,
} from '@countersign/core'
import type { Accounts } from './accounts.ts'
import type { SessionVisitor } from './sessions.ts'

/** How long a browser may be at the authorization server, milliseconds: no OAuth state should live longer. */
const PENDING_MS = 10 * 60_000

export interface ServerSignInDeps {
  readonly store: Store
  readonly runtime: Runtime
  readonly sealer: Sealer
  readonly accounts: Accounts
  /** Asks for an identity and nothing else. */
  readonly provider: AuthProvider
  /** The provider's name in the configuration. */
  readonly name: string
  readonly redirectUri: string
  /** Whether nothing is run for somebody who is not signed in. */
  readonly isRequired: boolean
}

/** What became of a browser that wants to leave for the authorization server. */
export type LeaveOutcome =
  | { readonly outcome: 'redirect'; readonly url: string }
  | { readonly outcome: 'failed'; readonly code: ErrorCode }
  /** Its session has ended meanwhile. */
  | { readonly outcome: 'ended' }

/** What a browser's return came to. Only `signed_in` changed who it is. */
export type SignInOutcome =
  | { readonly outcome: 'signed_in'; readonly cookie: string; readonly returnTo: string }
  | { readonly outcome: 'failed'; readonly code: ErrorCode; readonly returnTo: string }
  | { readonly outcome: 'other_browser' | 'ended' }

/** What must be known when the browser is back. Sealed to its session. */
interface Pending {
  readonly state: JsonObject
  readonly returnTo: string
  /** Epoch milliseconds. */
  readonly until: number
}

/** A sign-in whose return has just been taken. */
interface Taken {
  readonly pending: Pending
  readonly visitor: SessionVisitor
}

/**
 * Signs people in to this server itself. A browser's session is at one sign-in at a time; its return counts once, in the same browser, and
 * for ten minutes. The token that comes with the identity is for no tool, and is dropped at once: revoking it could end, at some providers,
 * the grant that the person's connections live on.
 */
export class ServerSignIn {
  readonly isRequired: boolean
  readonly host: string
  readonly #deps: ServerSignInDeps
  readonly #requirement: AuthRequirement

  constructor(deps: ServerSignInDeps) {
    this.#deps = deps
    this.#requirement = { provider: deps.name }
    this.isRequired = deps.isRequired
    this.host = deps.provider.host
  }

  /** Whether the visitor may have nothing run before they sign in. */
  isOwedBy({ principal }: Visitor): boolean {
    return this.isRequired && principal.kind === 'anonymous'
  }

  /** @param returnTo a whole address of ours, see `returnAddress` */
  async leave(visitor: SessionVisitor, returnTo: string): Promise<LeaveOutcome> {
    const { store, runtime, sealer, provider } = this.#deps
    const { sessionId } = visitor
    try {
      const step = await this.#depart(visitor)
      const url = step.status === 'waiting' && step.challenge.kind === 'oauth_consent' ? step.challenge.authorizationUrl : undefined
      if (step.status !== 'waiting' || url === undefined || step.correlation === undefined)
        return { outcome: 'failed', code: step.status === 'refused' ? step.code : 'upstream_failed' }
      const pending: Pending = { state: step.state, returnTo, until: runtime.now() + PENDING_MS }
      const change = {
        signInDigest: digestText(runtime, step.correlation),
        sealedSignIn: await sealer.seal(JSON.stringify(pending), placeOf(sessionId)),
      }
      const mine = { id: sessionId, principalId: visitor.principal.id, expiresAt: { above: runtime.now() } }
      const written = await store.transact('sign-in-leave', (transaction) => transaction.update('sessions', mine, change))
      return written > 0 ? { outcome: 'redirect', url } : { outcome: 'ended' }
    } catch (error) {
      return { outcome: 'failed', code: this.#failure(error, provider) }
    }
  }

  /**
   * Takes the browser's return.
   * @param browser the browser in words
   * @returns undefined when its state is of no sign-in to this server
   */
  async finish(url: URL, visitor: SessionVisitor | undefined, browser: string): Promise<SignInOutcome | undefined> {
    const { accounts, provider, runtime } = this.#deps
    const taken = await this.#take(url, visitor)
    if (!taken || 'outcome' in taken) return taken
    const { returnTo } = taken.pending
    try {
      if (taken.pending.until <= runtime.now()) return { outcome: 'ended' }
      const step = await provider.advance?.(this.#requirement, taken.pending.state, { type: 'redirect', url }, this.#context(taken.visitor))
      const code = step?.status === 'refused' ? step.code : 'upstream_failed'
      if (step?.status !== 'granted' || step.identity === undefined) return await this.#failed(taken, code)
      const opened = await accounts.signIn(taken.visitor, userOf(step.identity), browser)
      if (!opened) return { outcome: 'ended' }
      runtime.log.info('signed in to this server', { provider: this.#deps.name, session: opened.visitor.sessionId })
      return { outcome: 'signed_in', cookie: opened.cookie, returnTo }
    } catch (error) {
      return this.#failed(taken, this.#failure(error, provider))
    }
  }

  async #failed({ visitor, pending }: Taken, code: ErrorCode): Promise<SignInOutcome> {
    const { store, runtime, name } = this.#deps
    const principal = visitor.principal.id
    const record = { type: 'sign-in-failed', principal, session: visitor.sessionId, provider: name, code } as const
    await store.transact('sign-in-failed', (transaction) =>
      appendToStream(transaction, runtime, { stream: `principal:${principal}`, record }),
    )
    return { outcome: 'failed', code, returnTo: pending.returnTo }
  }

  async #depart(visitor: Visitor): Promise<AuthStep> {
    const { provider } = this.#deps
    const context = this.#context(visitor)
    const begun = await provider.begin(this.#requirement, context)
    if (begun.status !== 'waiting' || !provider.advance) return begun
    return provider.advance(this.#requirement, begun.state, { type: 'open' }, context)
  }

  /** Takes the sign-in of that state, once, for the browser that left for it. */
  async #take(url: URL, visitor: SessionVisitor | undefined): Promise<Taken | { readonly outcome: 'other_browser' | 'ended' } | undefined> {
    const { store, runtime, sealer } = this.#deps
    const [state = '', ...others] = url.searchParams.getAll('state')
    if (state === '' || state.length > 512 || others.length > 0) return undefined
    const signInDigest = digestText(runtime, state)
    const found = await store.transact('sign-in-take', async (transaction) => {
      const row = await transaction.get('sessions', { signInDigest })
      if (row && row.id !== visitor?.sessionId) {
        const { principalId } = row
        const record = { type: 'callback-refused', principal: principalId, why: 'other_browser' } as const
        await appendToStream(transaction, runtime, { stream: `principal:${principalId}`, record })
        return row
      }
      if (!row) return undefined
      const taken = await transaction.update('sessions', { id: row.id, signInDigest }, { signInDigest: null, sealedSignIn: null })
      return taken > 0 ? row : undefined
    })
    if (!found) return undefined
    if (!visitor || found.id !== visitor.sessionId) {
      runtime.log.warn('callback refused', { why: 'other_browser', provider: this.#deps.name })
      return { outcome: 'other_browser' }
    }
    const text = await sealer.open(found.sealedSignIn ?? '', placeOf(found.id)).catch((error: unknown) => {
      if (!isCountersignError(error, 'invalid_seal')) throw error
    })
    // Our own writing, authenticated by its seal; one whose key is gone is begun anew.
    return text === undefined ? { outcome: 'ended' } : { pending: JSON.parse(text) as Pending, visitor }
  }

  #failure(error: unknown, { host }: AuthProvider): ErrorCode {
    if (!isCountersignError(error) || error.code === 'storage_unavailable') throw error
    this.#deps.runtime.log.warn('sign-in to this server failed', { provider: this.#deps.name, origin: host, ...errorFacts(error) })
    return error.code
  }

  #context({ principal }: Visitor) {
    const { runtime, redirectUri } = this.#deps
    return { runtime, principal, redirectUri }
  }
}

function placeOf(sessionId: string): readonly string[] {
  return ['sign-in', sessionId]
}
