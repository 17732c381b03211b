import { appendToStream } from '../audit/append-to-stream.ts'
import { CountersignError, type ErrorCode, isCountersignError } from '../errors.ts'
import { errorFacts } from '../runtime/error-facts.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { Secret } from '../runtime/secret.ts'
import type { CredentialRow } from '../store/rows.ts'
import type { Store, Transaction } from '../store/store.ts'
import type { AuthContext, AuthProvider } from './auth-provider.ts'
import type { AuthRequirement } from './auth-requirement.ts'
import type { Credential } from './credential.ts'
import type { Sealer } from './sealer.ts'
import { EXPIRY_SKEW_MS, INSTALLATION, isOf, isOwn, openCredential, sealCredential } from './vault-entry.ts'

/** How long a refresh may be in flight before its outcome is unknown, milliseconds; longer than a provider's hard timeout. */
const REFRESH_DEADLINE_MS = 20_000

/**
 * How long before its end a token that can be renewed is, milliseconds, so that no call waits for it; at most a fifth of its lifetime. No chance is in
 * it: what is used by many at once is renewed once.
 */
const EARLY_MS = 60_000

/** How often it is looked whether another process has renewed a token, milliseconds. */
const POLL_MS = 100

/** What the vault hands out: a credential that is valid now, or why there is none. */
export type VaultAnswer = { readonly credential: Credential } | { readonly missing: ErrorCode | 'none' }

/** Who asks for which credential. */
export interface VaultRequest {
  readonly key: string
  readonly provider: AuthProvider
  readonly context: AuthContext
  /** For what: with it, a credential of the installation's own is obtained where there is none. */
  readonly requirement?: AuthRequirement
  /** An access token that the API has just refused: it counts as expired. */
  readonly rejected?: Secret
}

interface Held {
  readonly row: CredentialRow
  readonly credential: Credential
}

/**
 * Hands out a valid credential: the stored one, a refreshed one, or one of the installation's own, for which nobody is asked. A refresh token is sent at most
 * once: in a process callers share one request, between processes the row decides, and a request whose outcome nobody knows ends the credential.
 */
export class TokenVault {
  readonly #deps: { readonly store: Store; readonly runtime: Runtime; readonly sealer: Sealer }
  readonly #refreshing = new Map<string, Promise<VaultAnswer>>()

  constructor(deps: { readonly store: Store; readonly runtime: Runtime; readonly sealer: Sealer }) {
    this.#deps = deps
  }

  /**
   * @throws CountersignError `storage_unavailable`; `upstream_failed` when the token is over and its server could not be reached at all; of the installation's
   * own, whatever keeps it from being obtained
   */
  async fresh(request: VaultRequest): Promise<VaultAnswer> {
    const held = await this.#held(request)
    if ('missing' in held) return request.requirement && isOwn(request.provider) ? this.#obtainOnce(request, request.requirement) : held
    if (!this.#isValid(request, held)) return this.#refreshOnce(request, held)
    if (this.#isSoonOver(request, held)) this.#renewEarly(request, held)
    return { credential: held.credential }
  }

  /** Resolves when nothing is being renewed: a refresh that ends with its process leaves a credential of which nobody knows whether it counts. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#refreshing.values())
  }

  /** Writes a sealed credential in place of whatever was there. Many sign-ins may bring one for the same key at once: each waits for the one before. */
  async put(transaction: Transaction, row: CredentialRow): Promise<void> {
    await transaction.lock(row.key)
    await transaction.remove('credentials', { key: row.key })
    await transaction.insert('credentials', row)
  }

  async #held(request: VaultRequest): Promise<{ readonly missing: ErrorCode | 'none' } | Held> {
    const { store, sealer } = this.#deps
    const row = await store.transact('vault-read', (transaction) => transaction.get('credentials', { key: request.key }))
    if (!row) return { missing: 'none' }
    const credential = await openCredential(sealer, row).catch(unreadable)
    if (!credential) return this.#drop(row, 'invalid_seal')
    return isOf(credential, request.provider) ? { row, credential } : this.#drop(row, 'invalid_client')
  }

  #isValid({ rejected }: VaultRequest, { row, credential }: Held): boolean {
    const isCurrent = row.expiresAt === null || row.expiresAt - EXPIRY_SKEW_MS > this.#deps.runtime.now()
    return isCurrent && credential.accessToken.reveal() !== rejected?.reveal()
  }

  #isSoonOver({ provider }: VaultRequest, { row }: Held): boolean {
    const { expiresAt, updatedAt, refreshUntil, refreshable } = row
    const isRenewable = isOwn(provider) || (refreshable === 1 && provider.refresh !== undefined)
    if (expiresAt === null || refreshUntil !== 0 || !isRenewable) return false
    const early = Math.min(EARLY_MS, (expiresAt - updatedAt) / 5)
    return expiresAt - EXPIRY_SKEW_MS - early <= this.#deps.runtime.now()
  }

  /** Nobody waits for it; whoever comes when the token is over finds the new one, or this refresh under way. */
  #renewEarly(request: VaultRequest, held: Held): void {
    const { signal: _, ...context } = request.context
    this.#refreshOnce({ ...request, context }, held).catch((error: unknown) => {
      this.#deps.runtime.log.warn('token refresh failed', { provider: held.row.provider, ...errorFacts(error) })
    })
  }

  #refreshOnce(request: VaultRequest, held: Held): Promise<VaultAnswer> {
    return this.#once(request, (shared) => this.#refresh(shared, held))
  }

  /** Whoever comes first makes room for it: a token that is over, which all the others, in whatever process, find being renewed. */
  #obtainOnce(request: VaultRequest, { provider }: AuthRequirement): Promise<VaultAnswer> {
    return this.#once(request, async (shared) => {
      const { store, runtime, sealer } = this.#deps
      const place = { key: shared.key, principalId: INSTALLATION, provider }
      const room = await sealCredential(sealer, place, { credential: nothingYet, now: runtime.now() })
      await store.transact('vault-room', async (transaction) => {
        await transaction.lock(room.key)
        if (!(await transaction.get('credentials', { key: room.key }))) await transaction.insert('credentials', room)
      })
      return this.#again(shared)
    })
  }

  /** One renewal for all callers of this process. It belongs to none of them: who gives up waiting leaves it running, or its outcome would be lost. */
  #once(request: VaultRequest, renew: (shared: VaultRequest) => Promise<VaultAnswer>): Promise<VaultAnswer> {
    const { signal, ...context } = request.context
    signal?.throwIfAborted()
    const running = this.#refreshing.get(request.key)
    if (running) return untilAborted(running, signal)
    const renewal = renew({ ...request, context }).finally(() => this.#refreshing.delete(request.key))
    this.#refreshing.set(request.key, renewal)
    return untilAborted(renewal, signal)
  }

  /** Looks once more, inside the refresh that the callers share. */
  async #again(request: VaultRequest): Promise<VaultAnswer> {
    const held = await this.#held(request)
    if ('missing' in held) return held
    return this.#isValid(request, held) ? { credential: held.credential } : this.#refresh(request, held)
  }

  async #refresh(request: VaultRequest, { row, credential }: Held): Promise<VaultAnswer> {
    const { store, runtime, sealer } = this.#deps
    const renew = renewalOf(request, credential)
    if (!renew) return this.#drop(row, 'expired_token')
    if (row.refreshUntil !== 0) return this.#awaitOther(request, row)
    const taken = await store.transact('refresh-take', (transaction) =>
      transaction.updateOne(
        'credentials',
        { ...identityOf(row), refreshUntil: 0 },
        { version: { add: 1 }, refreshUntil: transaction.now + REFRESH_DEADLINE_MS },
      ),
    )
    if (!taken) return this.#again(request)
    try {
      const renewed = await renew()
      const sealed = await sealCredential(sealer, row, { credential: renewed, now: runtime.now() })
      const isKept = await store.transact('refresh-put', async (transaction) => {
        const written = { ...sealed, version: taken.version + 1, connectedAt: row.connectedAt }
        const kept = await transaction.update('credentials', identityOf(taken), written)
        if (kept > 0) await this.#record(transaction, row, 'renewed')
        return kept > 0
      })
      return isKept ? { credential: renewed } : await this.#overtaken(request, renewed)
    } catch (error) {
      if (isCountersignError(error, 'storage_unavailable')) throw error
      const mayRepeat = isCountersignError(error) && (error.details['isSent'] === false || isOwn(request.provider))
      if (mayRepeat) return this.#giveBack(request, { row: taken, credential }, error)
      const code = isCountersignError(error, 'invalid_grant') ? 'invalid_grant' : 'outcome_unknown'
      runtime.log.warn('token refresh failed', { provider: row.provider, ...errorFacts(error), code })
      return this.#drop(taken, code)
    }
  }

  /** What was renewed meanwhile has another in its place, or was disconnected: then nobody is to have the new token either. */
  async #overtaken(request: VaultRequest, renewed: Credential): Promise<VaultAnswer> {
    const next = await this.#again(request)
    if ('missing' in next) await request.provider.revoke?.(renewed, request.context).catch(() => false)
    return next
  }

  /** The refresh token has not left, or none is needed: all is as good as before, and whoever comes next may try again. */
  async #giveBack(request: VaultRequest, held: Held, error: CountersignError): Promise<VaultAnswer> {
    const { store, runtime } = this.#deps
    runtime.log.warn('token refresh failed', { provider: held.row.provider, ...errorFacts(error) })
    const free = { refreshUntil: 0, version: { add: 1 } }
    await store.transact('refresh-give-back', (transaction) => transaction.update('credentials', identityOf(held.row), free))
    if (this.#isValid(request, held)) return { credential: held.credential }
    throw error
  }

  /** Another process refreshes: its row will change, or its deadline pass by the database's clock, which all of them share. */
  async #awaitOther(request: VaultRequest, row: CredentialRow): Promise<VaultAnswer> {
    const { store, runtime } = this.#deps
    for (;;) {
      const { found, at } = await store.transact('vault-read', async (transaction) => {
        return { found: await transaction.get('credentials', { key: row.key }), at: transaction.now }
      })
      if (found?.version !== row.version || found.sealed !== row.sealed) return this.#again(request)
      if (at > row.refreshUntil) return this.#abandon(request, row)
      await runtime.sleep(POLL_MS)
    }
  }

  /** Who renewed it has died. A refresh token may be spent; the installation's own is simply asked for again. */
  async #abandon(request: VaultRequest, row: CredentialRow): Promise<VaultAnswer> {
    if (!isOwn(request.provider)) return this.#drop(row, 'outcome_unknown')
    await this.#deps.store.transact('vault-free', (transaction) =>
      transaction.update('credentials', identityOf(row), { refreshUntil: 0, version: { add: 1 } }),
    )
    return this.#again(request)
  }

  /** What cannot be used counts as absent: it leaves the vault, and the person is asked again. */
  async #drop(row: CredentialRow, why: ErrorCode): Promise<{ readonly missing: ErrorCode }> {
    const { store, runtime } = this.#deps
    if (why === 'invalid_seal')
      runtime.log.error('a credential could not be opened and was removed: its key is gone, or it was changed', {
        provider: row.provider,
      })
    await store.transact('vault-drop', async (transaction) => {
      const removed = await transaction.remove('credentials', identityOf(row))
      if (removed > 0) await this.#record(transaction, row, why)
    })
    return { missing: why }
  }

  #record(transaction: Transaction, row: CredentialRow, outcome: string): Promise<void> {
    const record = { type: 'refresh', principal: row.principalId, provider: row.provider, outcome } as const
    return appendToStream(transaction, this.#deps.runtime, { stream: `principal:${row.principalId}`, record })
  }
}

/** What stands in the vault while the first of the installation's own is on its way. */
const nothingYet: Credential = { tokenType: 'bearer', accessToken: new Secret(''), scopes: [], expiresAt: 0 }

/** How a credential is made anew without anybody: by asking again, where nobody is asked, or by its refresh token. */
function renewalOf({ provider, requirement, context }: VaultRequest, credential: Credential): (() => Promise<Credential>) | undefined {
  if (isOwn(provider)) return requirement && (() => obtain(provider, requirement, context))
  const refresh = provider.refresh?.bind(provider)
  return credential.refreshToken && refresh && (() => refresh(credential, context))
}

async function obtain(provider: AuthProvider, requirement: AuthRequirement, context: AuthContext): Promise<Credential> {
  const step = await provider.begin(requirement, context)
  if (step.status === 'granted') return step.credential
  const { code, reason } = step.status === 'refused' ? step : { code: 'upstream_failed' as const, reason: 'it wants to ask somebody' }
  throw new CountersignError(code, reason ?? `${provider.host} refused this installation`)
}

/** Nobody can open it: its key is gone, or it was changed. */
function unreadable(error: unknown): undefined {
  if (!isCountersignError(error, 'invalid_seal')) throw error
}

/** This credential in this version: versions of a newer sign-in begin anew, but nothing is ever sealed alike twice. */
function identityOf({ key, version, sealed }: CredentialRow): Pick<CredentialRow, 'key' | 'version' | 'sealed'> {
  return { key, version, sealed }
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

/** The provider of that name. @throws CountersignError `unknown_type` */
export function providerOf(providers: ReadonlyMap<string, AuthProvider>, name: string): AuthProvider {
  const provider = providers.get(name)
  if (provider) return provider
  throw new CountersignError('unknown_type', `unknown auth provider "${name}"; known: ${[...providers.keys()].join(', ')}`)
}
