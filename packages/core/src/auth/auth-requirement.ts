import type { JsonObject } from '../protocol/json.ts'

/** How long one consent lasts: for one call, one run, one conversation, or until it is revoked. */
export type Reuse = 'call' | 'run' | 'conversation' | 'principal'

/** What a tool needs before it may run. Plain data: it is stored with the authorization. */
export interface AuthRequirement {
  /** The name under which the workflow file configures the provider. */
  readonly provider: string
  readonly scopes?: readonly string[]
  /** The API the token is for (RFC 8707). */
  readonly resource?: string
  /** Where the token may go: scheme, host and port of the API. Default: anywhere over https, and on this computer. */
  readonly origins?: readonly string[]
  /** What exactly is to be allowed (RFC 9396). */
  readonly authorizationDetails?: readonly JsonObject[]
  /** Shown on both devices of a backchannel authentication (CIBA Core §7.1). */
  readonly bindingMessage?: string
  /** Who is to be asked (OpenID Connect Core §3.1.2.1, CIBA Core §7.1). */
  readonly loginHint?: string
  /** How strongly they must prove who they are (OpenID Connect Core §2). */
  readonly acrValues?: readonly string[]
  /** For how long they may be asked; the server decides (CIBA Core §7.1). Default: the provider's own. */
  readonly requestedExpirySeconds?: number
  /** Default: the provider's own. */
  readonly reuse?: Reuse
}
