import type { AccountChange } from '../client/account-state.ts'
import type { BrowserRuntime } from '../client/browser-runtime.ts'

/** What the parts of the account show themselves with. */
export interface AccountView {
  readonly runtime: BrowserRuntime
  /** What is being changed; nothing else is offered meanwhile. */
  readonly pending: AccountChange | null
  /** Asks for a change. */
  readonly change: (change: AccountChange) => void
}

/** Whether this very change is under way. */
export function isPending({ pending }: AccountView, change: AccountChange): boolean {
  return JSON.stringify(pending) === JSON.stringify(change)
}
