import type { AuthorizationDetail } from 'oidc-provider'
import type { DemoRuntime } from '../runtime.ts'

/** What a person is asked on their phone. */
export interface PhoneRequest {
  /** Names it on the phone's pages; not what the client polls with. */
  readonly id: string
  readonly authReqId: string
  readonly accountId: string
  readonly clientId: string
  readonly clientName: string
  readonly bindingMessage: string | undefined
  readonly scopes: readonly string[]
  readonly resources: readonly string[]
  readonly details: readonly AuthorizationDetail[]
  /** Epoch milliseconds. */
  readonly expiresAt: number
  readonly state: PhoneRequestState
}

/** A request as it comes in. */
export interface Ring extends Omit<PhoneRequest, 'id' | 'state' | 'expiresAt'> {
  readonly lifetimeSeconds: number
}

/** `narrowed`: approved, but not all that was asked for. */
export type PhoneRequestState = 'pending' | 'approved' | 'narrowed' | 'denied' | 'expired'

/** What came of trying to decide a request. */
export type Taking =
  | { readonly result: 'taken'; readonly request: PhoneRequest }
  | { readonly result: 'unknown' }
  | { readonly result: 'over'; readonly state: PhoneRequestState }

/** The requests on everybody's phone; each is decided once, by the person who is asked, in time. */
export class PhoneRequests {
  readonly #runtime: Pick<DemoRuntime, 'now' | 'unguessable'>
  readonly #requests = new Map<string, PhoneRequest>()
  readonly #watchers = new Map<() => void, string>()

  constructor(runtime: Pick<DemoRuntime, 'now' | 'unguessable'>) {
    this.#runtime = runtime
  }

  /** Puts a request on the person's phone. */
  ring({ lifetimeSeconds, ...request }: Ring): void {
    const id = this.#runtime.unguessable()
    // oidc-provider counts in whole seconds.
    const expiresAt = (Math.floor(this.#runtime.now() / 1000) + lifetimeSeconds) * 1000
    this.#prune()
    this.#requests.set(id, { ...request, id, expiresAt, state: 'pending' })
    this.#tell(request.accountId)
  }

  /** A person's requests, the newest first. */
  of(accountId: string): readonly PhoneRequest[] {
    const own = [...this.#requests.values()].filter((request) => request.accountId === accountId)
    return own.map((request) => ({ ...request, state: this.#stateOf(request) })).toReversed()
  }

  /** Takes the right to decide: the first who is entitled and in time has it, everybody after them finds it over. */
  take(id: string, accountId: string, state: 'approved' | 'narrowed' | 'denied'): Taking {
    const request = this.find(id, accountId)
    if (request === undefined) return { result: 'unknown' }
    if (request.state !== 'pending') return { result: 'over', state: request.state }
    this.#requests.set(id, { ...request, state })
    this.#tell(accountId)
    return { result: 'taken', request }
  }

  /** The request, if it is this person's. */
  find(id: string, accountId: string): PhoneRequest | undefined {
    const request = this.#requests.get(id)
    return request?.accountId === accountId ? { ...request, state: this.#stateOf(request) } : undefined
  }

  /** Calls back whenever a person's list changes, until the returned function is called; `undefined` when too many listen already. */
  watch(accountId: string, changed: () => void): (() => void) | undefined {
    if (this.#watchers.size >= WATCHERS) return undefined
    this.#watchers.set(changed, accountId)
    return () => this.#watchers.delete(changed)
  }

  clear(): void {
    this.#requests.clear()
  }

  #stateOf(request: PhoneRequest): PhoneRequestState {
    return request.state === 'pending' && this.#runtime.now() >= request.expiresAt ? 'expired' : request.state
  }

  #tell(accountId: string): void {
    for (const [changed, watched] of this.#watchers) if (watched === accountId) changed()
  }

  /** What is over is shown for a while; beyond the limit the oldest goes first. */
  #prune(): void {
    const now = this.#runtime.now()
    for (const [id, request] of this.#requests) {
      const isOld = now - request.expiresAt > KEPT_MS
      if (isOld || this.#requests.size >= LIMIT) this.#requests.delete(id)
    }
  }
}

const KEPT_MS = 10 * 60_000
const LIMIT = 1000
const WATCHERS = 200
