import { Ledger, transactOn } from '../audit/ledger.ts'
import { isCountersignError } from '../errors.ts'
import { type Visitor, mayAnswer } from '../interaction/asker.ts'
import { noteProblem } from '../interaction/interactions.ts'
import type { InteractionState } from '../protocol/interaction.ts'
import type { JsonObject } from '../protocol/json.ts'
import { toBase64url } from '../runtime/base64url.ts'
import { errorFacts } from '../runtime/error-facts.ts'
import { digestText } from '../runtime/digest.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { AuthorizationRow, AuthorizationState, InteractionRow } from '../store/rows.ts'
import type { Store, Transaction } from '../store/store.ts'
import type { AuthContext, AuthProvider } from './auth-provider.ts'
import { authorizationSentence } from './authorization-sentence.ts'
import { type PreparedStep, endAuthorization, isLive, prepareStep, requirementOf, sealedPlace } from './authorization.ts'
import { type ExchangeDeps, exchange, type Taken } from './exchange.ts'
import type { Sealer } from './sealer.ts'
import type { TokenVault } from './token-vault.ts'

export interface ConsentDeps {
  readonly store: Store
  readonly runtime: Runtime
  readonly sealer: Sealer
  readonly vault: TokenVault
  readonly owner: string
  readonly provider: (name: string) => AuthProvider
  readonly redirectUri: string
  readonly exchangeDeadlineMs: number
}

/** What a visit to a sign-in's start address came to. */
export type OpenOutcome =
  /** Send the browser to `url`, and let it keep `flow` as the proof that it is the one. */
  | { readonly outcome: 'redirect'; readonly url: string; readonly flow: string }
  | { readonly outcome: 'problem'; readonly sentence: string }
  | { readonly outcome: 'ended'; readonly state: InteractionState }
  /** Unknown, or somebody else's: not told apart. */
  | { readonly outcome: 'not_found' }

/** What a browser's return from the authorization server came to. */
export type ReturnOutcome =
  | { readonly outcome: 'granted' }
  | { readonly outcome: 'declined'; readonly sentence: string }
  | { readonly outcome: 'failed'; readonly sentence: string }
  /** Another return of it counted before: nothing changed. */
  | { readonly outcome: 'earlier' }
  /** It had ended without a sign-in: nothing changed. */
  | { readonly outcome: 'ended'; readonly state: AuthorizationState }
  /** No sign-in of this state: nothing changed. */
  | { readonly outcome: 'unknown' }
  /** Not the browser that opened it, or not whose question it is: nothing changed. */
  | { readonly outcome: 'other_browser' }
  /** Not the answer of the authorization server that was asked: nothing changed. */
  | { readonly outcome: 'foreign_callback' }

/**
 * The browser's part of an authorization: it leaves for the authorization server and comes back, always the same one. Whoever may answer the question
 * may open it anew, from another of their browsers, too; what was opened before then counts for nothing.
 */
export class Consents {
  readonly #deps: ConsentDeps

  constructor(deps: ConsentDeps) {
    this.#deps = deps
  }

  /**
   * @param visitors whose browser it is; NAT's own UI may know one that we know, too
   * @param flow what an earlier visit let this browser keep
   */
  async open(interactionId: string, visitors: readonly Visitor[], flow: string | undefined): Promise<OpenOutcome> {
    const opened = await this.#open(interactionId, visitors, flow)
    if (opened.outcome === 'not_found') this.#deps.runtime.log.warn('sign-in not opened', { why: opened.outcome })
    return opened
  }

  async #open(interactionId: string, visitors: readonly Visitor[], flow: string | undefined): Promise<OpenOutcome> {
    const { store, runtime, sealer } = this.#deps
    const found = await store.transact('consent', async (transaction) => ({
      interaction: await transaction.get('interactions', { id: interactionId }),
      authorization: await transaction.get('authorizations', { interactionId }),
    }))
    const { interaction, authorization } = found
    const visitor = interaction && visitors.find((each) => mayAnswer(interaction, each))
    // Of what is answered on another device there is nothing to open: its server is asked when it is time.
    const isHere = interaction?.question.kind === 'oauth_consent'
    if (!interaction || !isHere || !authorization || !visitor) return { outcome: 'not_found' }
    if (interaction.state !== 'pending') return { outcome: 'ended', state: interaction.state }
    if (interaction.expiresAt <= runtime.now()) return { outcome: 'ended', state: 'expired' }
    if (authorization.state !== 'waiting') return { outcome: 'ended', state: 'pending' }
    const kept = flow !== undefined && digestText(runtime, flow) === authorization.flowDigest ? flow : undefined
    try {
      const provider = this.#deps.provider(authorization.provider)
      const state = JSON.parse(await sealer.open(authorization.sealedState ?? '', sealedPlace(authorization))) as JsonObject
      const context = this.#context(visitor.principal)
      const step = await provider.advance?.(requirementOf(authorization), state, { type: 'open' }, context)
      const url = step?.status === 'waiting' && step.challenge.kind === 'oauth_consent' ? step.challenge.authorizationUrl : undefined
      if (step === undefined || url === undefined) return await this.#problem({ interaction, authorization }, 'upstream_failed')
      const prepared = await prepareStep(this.#deps, authorization, step)
      return await this.#leave({ interaction, authorization, visitor, prepared, url, flow: kept ?? toBase64url(runtime.randomBytes(32)) })
    } catch (error) {
      if (!isCountersignError(error) || error.code === 'storage_unavailable') throw error
      runtime.log.warn('sign-in could not be opened', {
        provider: authorization.provider,
        authorization: authorization.id,
        ...errorFacts(error),
      })
      if (error.code === 'invalid_seal') return this.#lost(authorization)
      return this.#problem({ interaction, authorization }, error.code)
    }
  }

  /**
   * Takes the browser's return. The state counts once; a return that is not the answer to this sign-in, or comes in another browser, changes nothing.
   * @param flows what this browser has kept of its sign-ins
   * @param visitors who this browser is to the server now: nobody, or somebody by each way it is known
   */
  async finish(url: URL, flows: readonly string[], visitors: readonly Visitor[]): Promise<ReturnOutcome> {
    const { store, runtime } = this.#deps
    const state = stateOf(url)
    if (state === undefined) return this.#refused({ outcome: 'unknown' })
    const returned = { stateDigest: digestText(runtime, state), flowDigests: flows.map((flow) => digestText(runtime, flow)), visitors }
    const taken = await store.transact('callback-take', (transaction) => this.#take(transaction, returned))
    if ('outcome' in taken) return this.#refused(taken)
    const exchanged = await exchange(this.#exchangeDeps(), taken, { type: 'redirect', url })
    return exchanged.outcome === 'waiting' ? { outcome: 'earlier' } : exchanged
  }

  /** One that comes late or twice is a reload; one in another browser may be an attack. */
  #refused(returned: ReturnOutcome): ReturnOutcome {
    const level = returned.outcome === 'other_browser' ? 'warn' : 'info'
    this.#deps.runtime.log[level]('callback refused', { why: returned.outcome })
    return returned
  }

  /** Takes the sign-in of that state, once, for the browser that opened it, while its question is that browser's to answer. */
  async #take(
    transaction: Transaction,
    { stateDigest, flowDigests, visitors }: { stateDigest: string; flowDigests: readonly string[]; visitors: readonly Visitor[] },
  ): Promise<ReturnOutcome | Taken> {
    const { runtime, owner } = this.#deps
    const found = await transaction.get('authorizations', { stateDigest })
    if (!found) return { outcome: 'unknown' }
    const { id, conversationId, flowDigest } = found
    await transaction.lock(conversationId)
    const ledger = new Ledger(runtime, conversationId)
    const interaction = await transaction.get('interactions', { id: found.interactionId ?? '' })
    const visitor = interaction && visitors.find((each) => mayAnswer(interaction, each))
    if (flowDigest === null || !flowDigests.includes(flowDigest) || !visitor) {
      ledger.audit({ type: 'callback-refused', authorization: id, why: 'other_browser' })
      await ledger.write(transaction)
      return { outcome: 'other_browser' }
    }
    if (found.state !== 'waiting')
      return isLive(found) || found.state === 'granted' ? { outcome: 'earlier' } : { outcome: 'ended', state: found.state }
    // Perhaps nobody has looked at the clock since its deadline passed.
    if (found.expiresAt <= runtime.now()) return { outcome: 'ended', state: 'expired' }
    const exchanging = { state: 'exchanging', owner, exchangeUntil: transaction.now + this.#deps.exchangeDeadlineMs } as const
    const authorization = await transaction.updateOne('authorizations', { id, state: 'waiting', stateDigest }, exchanging)
    const run = await transaction.get('runs', { id: found.runId })
    if (!authorization || !run) return { outcome: 'earlier' }
    ledger.audit({ type: 'authorization-exchange', authorization: id, ...sessionOf(visitor) })
    await ledger.write(transaction)
    return { authorization, run }
  }

  #leave(leaving: {
    interaction: InteractionRow
    authorization: AuthorizationRow
    visitor: Visitor
    prepared: PreparedStep
    url: string
    flow: string
  }): Promise<OpenOutcome> {
    const { interaction, authorization, visitor, prepared, url, flow } = leaving
    const { conversationId, id } = authorization
    return transactOn(this.#deps, { name: 'consent-open', conversationId }, async (transaction, ledger) => {
      if (prepared.status !== 'waiting') return { outcome: 'ended', state: 'pending' }
      const { sealedState, stateDigest } = prepared
      const change = { sealedState, stateDigest, flowDigest: digestText(this.#deps.runtime, flow) }
      const opened = await transaction.update('authorizations', { id, state: 'waiting', flowDigest: authorization.flowDigest }, change)
      if (opened === 0) return { outcome: 'ended', state: 'pending' }
      await noteProblem(transaction, ledger, { interaction, problem: null })
      ledger.audit({ type: 'authorization-open', authorization: id, ...sessionOf(visitor) })
      return { outcome: 'redirect', url, flow }
    })
  }

  async #problem(
    { interaction, authorization }: { interaction: InteractionRow; authorization: AuthorizationRow },
    code: string,
  ): Promise<OpenOutcome> {
    const sentence = `${authorizationSentence(code, this.#deps.provider(authorization.provider))} You can try again.`
    const { conversationId } = authorization
    await transactOn(this.#deps, { name: 'consent-problem', conversationId }, (transaction, ledger) =>
      noteProblem(transaction, ledger, { interaction, problem: sentence }),
    )
    return { outcome: 'problem', sentence }
  }

  /** Its state cannot be opened any more, the key is gone: the run asks anew. */
  async #lost(authorization: AuthorizationRow): Promise<OpenOutcome> {
    const { runtime } = this.#deps
    const { conversationId } = authorization
    const reason = authorizationSentence('outcome_unknown', this.#deps.provider(authorization.provider))
    const end = { state: 'failed', code: 'outcome_unknown', reason, by: 'system' } as const
    await transactOn(this.#deps, { name: 'consent-lost', conversationId }, (transaction, ledger) =>
      endAuthorization(transaction, ledger, { authorization, from: ['waiting'], end, runtime }),
    )
    return { outcome: 'ended', state: 'failed' }
  }

  #context(principal: AuthContext['principal']): AuthContext {
    return { runtime: this.#deps.runtime, principal, redirectUri: this.#deps.redirectUri }
  }

  #exchangeDeps(): ExchangeDeps {
    return { ...this.#deps, context: (principal) => this.#context(principal) }
  }
}

/** Which of a principal's sessions it was, for the audit. */
function sessionOf({ sessionId }: Visitor): { readonly session?: string } {
  return sessionId === null ? {} : { session: sessionId }
}

/** What could be a state of ours: one, and not endless. */
function stateOf({ searchParams }: URL): string | undefined {
  const [state = '', ...others] = searchParams.getAll('state')
  return state.length > 0 && state.length <= 512 && others.length === 0 ? state : undefined
}
