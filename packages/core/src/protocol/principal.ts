/** Who acts: a person who signed in, a service, or a browser nobody signed in to. */
export interface Principal {
  /** Unique in this installation. An anonymous id never equals that of a verified subject: it begins with `anonymous:`. */
  readonly id: string
  readonly kind: 'user' | 'service' | 'anonymous'
  readonly name?: string
  /** Only from a verified source. */
  readonly roles: readonly string[]
}

/** What front there is for a person while a run works: a chat page, a terminal, or none at all. */
export type Presence = 'browser' | 'terminal' | 'nobody'
