import type { InteractionResponse } from '@countersign/core/protocol'
import type { AccountChange } from '../client/account-state.ts'
import type { ThemeChoice } from '../client/theme-choice.ts'

/** What the chat's elements announce, and what each announcement carries. */
export interface ChatEvents {
  'countersign-say': { readonly text: string }
  'countersign-stop': null
  'countersign-retry': null
  'countersign-new-conversation': null
  /** The session is over and the person goes on without it. */
  'countersign-start-anew': null
  'countersign-theme': { readonly theme: ThemeChoice }
  /** A card appeared while the person was here; `focus` moves them to its heading. */
  'countersign-question-shown': { readonly focus: () => void }
  'countersign-respond': { readonly interactionId: string; readonly response: InteractionResponse }
  /** What the person was at is gone; they go on in the conversation. */
  'countersign-conversation-wanted': null
  /** The person wants to see a question that is open. */
  'countersign-jump': null
  'countersign-shortcuts': null
  'countersign-account-open': null
  'countersign-sessions-wanted': null
  'countersign-account-change': { readonly change: AccountChange }
}

/** Tells the elements above; the event passes through shadow roots. */
export function announce<Name extends keyof ChatEvents>(from: EventTarget, name: Name, detail: ChatEvents[Name]): void {
  from.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
}

/** Hears an announcement of an element below. */
export function hear<Name extends keyof ChatEvents>(name: Name, on: EventTarget, listener: (detail: ChatEvents[Name]) => void): void {
  // The boundary: only `announce` makes events of these names, with this detail.
  on.addEventListener(name, (event) => listener((event as CustomEvent<ChatEvents[Name]>).detail))
}
