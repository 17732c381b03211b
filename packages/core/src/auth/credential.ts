import type { Secret } from '../runtime/secret.ts'

/** What proves authority to an API. Lives in the vault, sealed; on its way to the wire in a `Secret`. */
export interface Credential {
  readonly tokenType: 'bearer'
  readonly accessToken: Secret
  readonly refreshToken?: Secret
  /** What the authorization server granted, which may be less than was asked for. */
  readonly scopes: readonly string[]
  /** Epoch ms; null when the provider named no end. */
  readonly expiresAt: number | null
  /** The `sub` of a verified ID token. */
  readonly subject?: string
  /** The host of the authorization server that issued it: to another one, under whatever name it is configured, it is not sent. Absent: not known. */
  readonly host?: string
  /** The resource the token is for. */
  readonly resource?: string
}
