/** What `GET /api/me` answers: who this session is and what it is connected to. Never a token. */
export interface Me {
  readonly principal: { readonly id: string; readonly kind: 'user' | 'service' | 'anonymous'; readonly name?: string }
  /** What the demo or the operator suggests to ask first. */
  readonly workflow: { readonly name: string; readonly description?: string; readonly examples: readonly string[] }
  readonly connections: readonly {
    readonly provider: string
    readonly host: string
    readonly scopes: readonly string[]
    /** Epoch milliseconds; null when it renews itself, or the provider named no end. */
    readonly expiresAt: number | null
  }[]
}
