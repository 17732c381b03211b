import type { JsonObject } from '../protocol/json.ts'
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

/** Under which key a credential is kept: nobody else's requirement, and no narrower reuse, comes to the same key. */
export function vaultKey(
  runtime: Pick<Runtime, 'sha256'>,
  { provider, requirement, run, callId }: { provider: AuthProvider; requirement: AuthRequirement; run: RunRow; callId: string },
): string {
  const reuse = requirement.reuse ?? provider.reuse
  const within = { call: callId, run: run.id, conversation: run.conversationId, principal: '' }[reuse]
  const details = requirement.authorizationDetails ?? []
  return digestJson(runtime, [
    run.principal.id,
    requirement.provider,
    provider.clientId,
    requirement.resource ?? '',
    reuse,
    within,
    details,
  ])
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
