import type { ErrorCode } from '../errors.ts'
import type { WaitProgress } from '../protocol/interaction.ts'
import type { JsonObject } from '../protocol/json.ts'
import type { Presence, Principal } from '../protocol/principal.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { AuthRequirement, Reuse } from './auth-requirement.ts'
import type { Credential } from './credential.ts'
import type { Identity } from './identity.ts'

/** What the human is shown while an authorization waits. */
export type Challenge =
  /** Sign in and consent in a browser. `authorizationUrl` is there once the person's browser has come for it. */
  | { readonly kind: 'oauth_consent'; readonly host: string; readonly authorizationUrl?: string }
  /** Somebody is asked on a device of theirs (CIBA). */
  | { readonly kind: 'backchannel'; readonly bindingMessage?: string }
  /** A code is to be typed at an address (RFC 8628 §3.2). */
  | {
      readonly kind: 'device_code'
      readonly userCode: string
      readonly verificationUri: string
      readonly verificationUriComplete?: string
    }

/** One step of an authorization. A wait is data: it can be stored, and continued by another process. */
export type AuthStep =
  /** `identity` where an ID token came with it. */
  | { readonly status: 'granted'; readonly credential: Credential; readonly identity?: Identity }
  | {
      readonly status: 'waiting'
      readonly challenge: Challenge
      /** The provider's own state (verifier, request id). Is sealed before it is stored. */
      readonly state: JsonObject
      /** By what the continuation will be found: the OAuth `state` of a redirect, the `auth_req_id` of a ping. Only its digest is stored. */
      readonly correlation?: string
      /** Epoch ms after which the wait is over by the provider's word; absent: the deadline of the question decides. */
      readonly expiresAt?: number
      /** Epoch ms of the next poll, when it has to be polled. */
      readonly pollAt?: number
      /** How the last poll went, when it brought no decision. Default: waiting. */
      readonly phase?: WaitProgress['phase']
      /** What a ping must bring to be believed (CIBA Core §10.2). Only its digest is stored. */
      readonly pingToken?: string
    }
  /** A human or the authorization server said no, in words of OAuth. */
  | { readonly status: 'refused'; readonly code: ErrorCode; readonly reason?: string }

/** What continues a wait. */
export type AuthEvent =
  /** The person's browser came to be sent to the authorization server: build a fresh address. */
  | { readonly type: 'open' }
  /** The authorization server sent the browser back: `url` is the whole callback address. */
  | { readonly type: 'redirect'; readonly url: URL }
  /** It is time to ask the authorization server whether somebody has decided; perhaps it said so itself. */
  | { readonly type: 'tick' }

/** What an authorization server is asked with. */
export interface AuthContext {
  readonly runtime: Runtime
  readonly principal: Principal
  /** Where the authorization server sends the browser back to: from the configuration, never from a request. */
  readonly redirectUri: string
  readonly signal?: AbortSignal
  /** The credentials that `parties` asked for, where it did. */
  readonly parties?: { readonly subject: Credential; readonly actor?: Credential }
}

/** Whose authority is exchanged for another: each is obtained before the provider is asked. */
export interface Parties {
  readonly subject: AuthRequirement
  readonly actor?: AuthRequirement
}

/** Obtains credentials from one authorization server or secret. */
export interface AuthProvider {
  readonly type: string
  /** Whether `begin` rings somebody's phone: a `begin` of unknown outcome is then not simply repeated. */
  readonly notifies: boolean
  /**
   * How long a consent lasts when the requirement does not say. `service`: nobody consents. The credential is the installation's own and the same for all
   * principals, its `begin` asks nobody, and the vault calls it when a credential is needed, or soon will be.
   */
  readonly reuse: Reuse | 'service'
  /** The host shown to the person and in `/api/me`. */
  readonly host: string
  /** The OAuth client the credentials belong to; part of the vault's key. */
  readonly clientId: string
  /** The APIs its credentials are for when a requirement names none (RFC 8707); part of the vault's key. */
  readonly resources?: readonly string[]
  /** The scopes a requirement comes to, the provider's configured ones included; sorted, without repetition. */
  scopesOf(requirement: AuthRequirement): readonly string[]
  /** Where its credentials may go, of what a requirement names; nowhere, when that is empty. Absent: wherever the requirement says. */
  originsOf?(requirement: AuthRequirement): readonly string[]
  /** Only of a provider that stands for others: the name of the one to ask, by who is there. Nothing else of it is ever called. */
  choose?(presence: Presence): string
  /** Only of a provider that exchanges credentials of others (RFC 8693). */
  parties?(requirement: AuthRequirement): Parties
  begin(requirement: AuthRequirement, context: AuthContext): Promise<AuthStep>
  /**
   * Continues a wait.
   * @throws CountersignError `foreign_callback` when a redirect is not the answer to this wait and nothing was sent; `upstream_failed`, `invalid_grant`, `invalid_request` … when the other side fails or breaks the protocol
   */
  advance?(requirement: AuthRequirement, state: JsonObject, event: AuthEvent, context: AuthContext): Promise<AuthStep>
  /**
   * @returns the renewed credential; the old refresh token is kept when the server sends no new one
   * @throws CountersignError `invalid_grant` when the grant is gone, `upstream_failed` when nobody knows; its detail `isSent` is false when the refresh
   * token has certainly not left this process, and may be sent again
   */
  refresh?(credential: Credential, context: AuthContext): Promise<Credential>
  /**
   * Withdraws the grant at the server (RFC 7009).
   * @returns whether the server confirmed it; false when it offers no revocation
   * @throws CountersignError `upstream_failed`, `invalid_client` …
   */
  revoke?(credential: Credential, context: AuthContext): Promise<boolean>
}
