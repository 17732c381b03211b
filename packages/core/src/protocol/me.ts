/** What `GET /api/me` answers: who this session is and what it is connected to. Never a token. */
export interface Me {
  readonly principal: { readonly id: string; readonly kind: 'user' | 'service' | 'anonymous'; readonly name?: string }
  /** How people sign in to this server itself, at `/auth/sign-in?return=<path>`; absent when it signs nobody in. */
  readonly signIn?: {
    /** The host of the authorization server that the browser is led to. */
    readonly host: string
    /** Whether nothing is run for somebody who is not signed in. */
    readonly required: boolean
  }
  /** What the demo or the operator suggests to ask first. */
  readonly workflow: { readonly name: string; readonly description?: string; readonly examples: readonly string[] }
  readonly connections: readonly Connection[]
}

/** What the agent may use on the person's behalf until it is disconnected. */
export interface Connection {
  /** Names it to `POST /api/connections/:id/disconnect`; it opens nothing. */
  readonly id: string
  readonly provider: string
  readonly host: string
  readonly scopes: readonly string[]
  /** When the person connected it, epoch milliseconds; renewing it does not change that. */
  readonly connectedAt: number
  /** Epoch milliseconds; null when it renews itself, or the provider named no end. */
  readonly expiresAt: number | null
}
