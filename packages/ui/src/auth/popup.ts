import type { BrowserRuntime, PopupWindow } from '../client/browser-runtime.ts'

/**
 * Where a sign-in window stands: not opened yet, open, refused by the browser, closed again, or not opened by us because its address is
 * not our own. `closed` is a hint: some browsers report it while the sign-in goes on. Completion arrives by the socket only.
 */
export type PopupState = 'idle' | 'waiting' | 'blocked' | 'closed' | 'refused'

const POLL_MS = 500
const FEATURES = 'popup=yes,width=520,height=680'

/** The window in which a person signs in for one question. */
export class SignInPopup {
  state: PopupState = 'idle'
  readonly #runtime: BrowserRuntime
  readonly #onChange: () => void
  #window: PopupWindow | null = null
  #cancelPoll: () => void = () => {}

  constructor(runtime: BrowserRuntime, onChange: () => void) {
    this.#runtime = runtime
    this.#onChange = onChange
  }

  /** Opens the window, or brings it back; must be called within the person's own click, before anything is awaited. */
  open(target: { readonly interactionId: string; readonly startUrl: string; readonly origin: string }): void {
    if (!isOwnStartUrl(target.startUrl, target.origin)) {
      this.#enter('refused')
      return
    }
    this.#window = this.#runtime.openPopup(target.startUrl, `countersign-${target.interactionId}`, FEATURES)
    if (this.#window === null) {
      this.#enter('blocked')
      return
    }
    this.#window.focus()
    this.#enter('waiting')
    this.#poll()
  }

  /** The question is over: closes the window if it is still there. */
  close(): void {
    this.leave()
    this.#window?.close()
    this.#window = null
  }

  /** Stops watching; the window stays. */
  leave(): void {
    this.#cancelPoll()
  }

  #poll(): void {
    this.#cancelPoll()
    this.#cancelPoll = this.#runtime.setTimer(() => {
      if (this.#window?.closed) this.#enter('closed')
      else this.#poll()
    }, POLL_MS)
  }

  #enter(state: PopupState): void {
    this.#cancelPoll()
    this.state = state
    this.#onChange()
  }
}

/** Whether an address is http(s), on our own origin and free of credentials: nothing else is ever opened or linked. */
export function isOwnStartUrl(startUrl: string, origin: string): boolean {
  if (!URL.canParse(startUrl)) return false
  const url = new URL(startUrl)
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
  return isWeb && url.origin === origin && url.username === '' && url.password === ''
}
