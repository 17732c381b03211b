/** What is played. The stories differ in their second call and in when the person answers. */
export type StoryName =
  /** The risky call is approved while its slow sibling executes; nothing may run twice. */
  | 'approval'
  /** The same with tools that may be entered again under the same key; the person answers once everything waits. */
  | 'idempotent'
  /** The call needs a sign-in. */
  | 'sign-in'
  /** The call needs a yes on somebody's phone: it rings once, is polled, and its token is given out once. */
  | 'phone'

/** How the next process takes over: as the server on a SQLite file, or by waiting until the lease has run out. */
export type Takeover = 'release' | 'lease'

export const CONVERSATION = 'c1'

/** What each reply says, token by token. */
export const TOKENS = {
  first: ['Let ', 'me ', 'see.'],
  last: ['All ', 'is ', 'done.'],
} as const
