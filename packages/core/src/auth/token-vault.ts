import { appendToStream } from '../audit/append-to-stream.ts'
import { CountersignError, type ErrorCode, isCountersignError } from '../errors.ts'
import { errorFacts } from '../runtime/error-facts.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Secret } from '../runtime/secret.ts'
import type { CredentialRow } from '../store/rows.ts'
import type { Store, Transaction } from '../store/store.ts'
import type { AuthContext, AuthProvider } from './auth-provider.ts'
import type { Credential } from './credential.ts'
import type { Sealer } from './sealer.ts'
import { EXPIRY_SKEW_MS, openCredential, sealCredential } from './vault-entry.ts'

/** How long a refresh may be in flight before its outcome is unknown, milliseconds; longer than a provider's hard timeout. */
const REFRESH_DEADLINE_MS = 20_000

/** What the vault hands out: a credential that is valid now, or why there is none. */
export type VaultAnswer = { readonly credential: Credential } | { readonly missing: ErrorCode | 'none' }

/** Who asks for which credential. */
export interface VaultRequest {
  readonly key: string
  readonly provider: AuthProvider
  readonly context: AuthContext
  /** An access token that the API has just refused: it counts as expired. */
  readonly rejected?: Secret
}

interface Held {
  readonly row: CredentialRow
  readonly credential: Credential
}

/**
 * Hands out a valid credential: the stored one, or a refreshed one. A refresh token is sent at most once: in a process callers share one
 * request, between processes the row decides, and a request whose outcome nobody knows ends the credential.
 */
export class TokenVault {
  readonly #deps: { readonly store: Store; readonly runtime: Runtime; readonly sealer: Sealer }
  readonly #refreshing = new Map<string, Promise<VaultAnswer>>()

  constructor(deps: { readonly store: Store; readonly runtime: Runtime; readonly sealer: Sealer }) {
    this.#deps = deps
  }

  /** @throws CountersignError `storage_unavailable` */
  async fresh(request: VaultRequest): Promise<VaultAnswer> {
    const held = await this.#held(request)
    return 'row' in held ? this.#refreshOnce(request, held) : held
  }

  /** Writes a sealed credential in place of whatever was there. */
  async put(transaction: Transaction, row: CredentialRow): Promise<void> {
    await transaction.remove('credentials', { key: row.key })
    await transaction.insert('credentials', row)
  }

  /** What is stored: an answer when it is valid now, else what has to be renewed. */
  async #held(request: VaultRequest): Promise<VaultAnswer | Held> {
    const { store, runtime, sealer } = this.#deps
    const row = await store.transact('vault-read', (transaction) => transaction.get('credentials', { key: request.key }))
    if (!row) return { missing: 'none' }
    const credential = await openCredential(sealer, row).catch(unreadable)
    if (!credential) return this.#drop(row, 'invalid_seal')
    const isValid = row.expiresAt === null || row.expiresAt - EXPIRY_SKEW_MS > runtime.now()
    return isValid && credential.accessToken.reveal() !== request.rejected?.reveal() ? { credential } : { row, credential }
  }

  /** One refresh for all callers of this process. It belongs to none of them: who gives up waiting leaves it running, or its outcome would be lost. */
  #refreshOnce(request: VaultRequest, held: Held): Promise<VaultAnswer> {
    const { signal, ...context } = request.context
    signal?.throwIfAborted()
    const running = this.#refreshing.get(request.key)
    if (running) return untilAborted(running, signal)
    const refresh = this.#refresh({ ...request, context }, held).finally(() => this.#refreshing.delete(request.key))
    this.#refreshing.set(request.key, refresh)
    return untilAborted(refresh, signal)
  }

  /** Looks once more, inside the refresh that the callers share. */
  async #again(request: VaultRequest): Promise<VaultAnswer> {
    const held = await this.#held(request)
    return 'row' in held ? this.#refresh(request, held) : held
  }

  async #refresh(request: VaultRequest, { row, credential }: Held): Promise<VaultAnswer> {
    const { store, runtime, sealer } = this.#deps
    const { provider, context } = request
    if (!credential.refreshToken || !provider.refresh) return this.#drop(row, 'expired_token')
    if (row.refreshUntil !== 0) return this.#awaitOther(request, row)
    const taken = await store.transact('refresh-take', (transaction) =>
      transaction.updateOne(
        'credentials',
        { ...identityOf(row), refreshUntil: 0 },
        { version: { add: 1 }, refreshUntil: runtime.now() + REFRESH_DEADLINE_MS },
      ),
    )
    if (!taken) return this.#again(request)
    try {
      const renewed = await provider.refresh(credential, context)
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

  /** Another process refreshes: its row will change, or its deadline pass. */
  async #awaitOther(request: VaultRequest, row: CredentialRow): Promise<VaultAnswer> {
    const { store, runtime } = this.#deps
    while (runtime.now() <= row.refreshUntil) {
      await runtime.sleep(100)
      const now = await store.transact('vault-read', (transaction) => transaction.get('credentials', { key: row.key }))
      if (now?.version !== row.version || now.sealed !== row.sealed) return this.#again(request)
    }
    return this.#drop(row, 'outcome_unknown')
  }

  /** What cannot be used counts as absent: it leaves the vault, and the person is asked again. */
  async #drop(row: CredentialRow, why: ErrorCode): Promise<VaultAnswer> {
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
    const record = { type: 'refresh', principal: row.principalId, provider: row.provider, outcome }
    return appendToStream(transaction, this.#deps.runtime, { stream: `principal:${row.principalId}`, record })
  }
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
