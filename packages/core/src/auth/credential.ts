import type { Secret } from '../runtime/secret.ts'

/** What proves authority to an API. Lives in the vault, sealed; on its way to the wire in a `Secret`. */
export interface Credential {
  /** How it goes to the API: as a bearer token (RFC 6750), with a proof of its key (RFC 9449), as user and password (RFC 7617), or where `place` says. */
  readonly tokenType: 'bearer' | 'dpop' | 'basic' | 'api_key'
  /** The token; of `basic` the word that goes after "Basic". */
  readonly accessToken: Secret
  /** Where an API key goes; in a header, `prefix` stands before it. */
  readonly place?: { readonly in: 'header' | 'query' | 'cookie'; readonly name: string; readonly prefix?: string }
  /** Of `dpop`: the private key that it is bound to, a JWK. */
  readonly proofKey?: Secret
  readonly refreshToken?: Secret
  /** The ID token that came with it: by it an authorization server knows whom to ask (CIBA Core §7.1, `id_token_hint`). */
  readonly idToken?: Secret
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
