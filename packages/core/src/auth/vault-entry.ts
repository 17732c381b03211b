import type { JsonObject, JsonValue } from '../protocol/json.ts'
import { digestJson } from '../runtime/digest.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { Secret } from '../runtime/secret.ts'
import type { CredentialRow, RunRow } from '../store/rows.ts'
import type { AuthProvider } from './auth-provider.ts'
import type { AuthRequirement } from './auth-requirement.ts'
import type { Credential } from './credential.ts'
import type { Sealer } from './sealer.ts'

/** How long before its end a token counts as expired, in milliseconds: clocks differ and requests take time. */
export const EXPIRY_SKEW_MS = 10_000

/** Whose vault the installation's own credentials are in: no principal has this id, so none has them listed, or takes them along when they leave. */
export const INSTALLATION = 'installation'

/** Whether its credentials are the installation's own, which nobody is asked for. */
export function isOwn({ reuse }: Pick<AuthProvider, 'reuse'>): boolean {
  return reuse === 'service'
}

/** Under which key a credential is kept: nobody else's requirement, and no narrower reuse, comes to the same key. */
export function vaultKey(
  runtime: Pick<Runtime, 'sha256'>,
  { provider, requirement, run, callId }: { provider: AuthProvider; requirement: AuthRequirement; run: RunRow; callId: string },
): string {
  const resource = requirement.resource ?? (provider.resources ?? []).join(' ')
  const details = requirement.authorizationDetails ?? []
  const what = [requirement.provider, provider.clientId, resource]
  // One for all who need the same: nobody's consent grows by a scope, so each set of them has its own.
  if (isOwn(provider)) return digestJson(runtime, [INSTALLATION, ...what, details, provider.scopesOf(requirement)])
  const reuse = requirement.reuse ?? provider.reuse
  const within = { call: callId, run: run.id, conversation: run.conversationId, principal: '', service: '' }[reuse]
  return digestJson(runtime, [run.principal.id, ...what, reuse, within, details, ...whoOf(requirement)])
}

/** Whose yes it is, and how they proved who they are: that of one is nothing to a call that needs another's. */
function whoOf({ loginHint, acrValues = [] }: AuthRequirement): readonly JsonValue[] {
  return loginHint === undefined && acrValues.length === 0 ? [] : [loginHint ?? null, [...acrValues]]
}

/** Whether a stored credential will do: all scopes granted, and valid or renewable. */
export function isUsable(row: CredentialRow | undefined, scopes: readonly string[], now: number): row is CredentialRow {
  if (!row || !scopes.every((scope) => row.scopes.includes(scope))) return false
  return row.refreshable === 1 || row.expiresAt === null || row.expiresAt - EXPIRY_SKEW_MS > now
}

/** Where a credential belongs; its seal opens nowhere else. */
export interface VaultPlace {
  readonly key: string
  readonly principalId: string
  readonly provider: string
}

/** The stored form of a credential. Sealing takes time: do it before the unit that writes it. */
export async function sealCredential(
  sealer: Sealer,
  place: VaultPlace,
  { credential, now }: { credential: Credential; now: number },
): Promise<CredentialRow> {
  const plain: JsonObject = {
    ...(credential.tokenType !== 'bearer' && { tokenType: credential.tokenType }),
    accessToken: credential.accessToken.reveal(),
    ...(credential.place && { place: { ...credential.place } }),
    ...(credential.proofKey && { proofKey: credential.proofKey.reveal() }),
    ...(credential.idToken && { idToken: credential.idToken.reveal() }),
    ...(credential.refreshToken && { refreshToken: credential.refreshToken.reveal() }),
    ...(credential.subject !== undefined && { subject: credential.subject }),
    ...(credential.resource !== undefined && { resource: credential.resource }),
    ...(credential.host !== undefined && { host: credential.host }),
  }
  return {
    ...place,
    scopes: credential.scopes,
    sealed: await sealer.seal(JSON.stringify(plain), [place.key, place.principalId, place.provider]),
    expiresAt: credential.expiresAt,
    refreshable: credential.refreshToken ? 1 : 0,
    version: 1,
    refreshUntil: 0,
    updatedAt: now,
    connectedAt: now,
  }
}

/** Whether a credential comes from the server that the provider asks now: under its name and client another one may be configured since. */
export function isOf({ host }: Credential, provider: Pick<AuthProvider, 'host'>): boolean {
  return host === undefined || host === provider.host
}

/** @throws CountersignError `invalid_seal` */
export async function openCredential(sealer: Sealer, row: CredentialRow): Promise<Credential> {
  const text = await sealer.open(row.sealed, [row.key, row.principalId, row.provider])
  // Our own writing, authenticated by its seal.
  const plain = JSON.parse(text) as SealedCredential
  return {
    tokenType: plain.tokenType ?? 'bearer',
    accessToken: new Secret(plain.accessToken),
    ...(plain.place !== undefined && { place: plain.place }),
    ...(plain.proofKey !== undefined && { proofKey: new Secret(plain.proofKey) }),
    ...(plain.idToken !== undefined && { idToken: new Secret(plain.idToken) }),
    ...(plain.refreshToken !== undefined && { refreshToken: new Secret(plain.refreshToken) }),
    ...(plain.subject !== undefined && { subject: plain.subject }),
    ...(plain.resource !== undefined && { resource: plain.resource }),
    ...(plain.host !== undefined && { host: plain.host }),
    scopes: row.scopes,
    expiresAt: row.expiresAt,
  }
}

/** What is sealed of a credential. */
interface SealedCredential extends Partial<Pick<Credential, 'tokenType' | 'place' | 'subject' | 'resource' | 'host'>> {
  readonly accessToken: string
  readonly refreshToken?: string
  readonly proofKey?: string
  readonly idToken?: string
}
