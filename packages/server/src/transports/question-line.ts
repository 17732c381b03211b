import type { InteractionView } from '@countersign/core'

/** For how long after a question took the place of one that ended elsewhere an answer may still have been meant for that one, milliseconds. */
const MISTAKABLE_MS = 1_000

/**
 * The questions of one conversation towards a client that shows one at a time and may answer without saying which: the others wait for their
 * turn. A sign-in needs no turn, since no message answers it.
 */
export class QuestionLine {
  /** Everything that is open, in the order asked. */
  readonly #open = new Map<string, InteractionView>()
  readonly #waiting: InteractionView[] = []
  #shown: InteractionView | undefined
  #expected: string | undefined
  #mistakableUntil = 0

  /** All that the client has before it: the one question, and sign-ins. */
  get shown(): readonly InteractionView[] {
    return [...this.#open.values()].filter((view) => view === this.#shown || !takesTurn(view))
  }

  get(id: string): InteractionView | undefined {
    return this.#open.get(id)
  }

  /** @returns what is to be shown now */
  open(view: InteractionView): readonly InteractionView[] {
    // The log may tell once more of what was found open.
    if (this.#open.has(view.id)) return (this.update(view), [])
    if (view.state === 'pending') this.#open.set(view.id, view)
    if (!takesTurn(view)) return [view]
    this.#waiting.push(view)
    return this.#shown ? [] : this.#next()
  }

  /** Something about an open question changed. */
  update(view: InteractionView): void {
    this.#open.set(view.id, view)
    if (this.#shown?.id === view.id) this.#shown = view
    const at = this.#waiting.findIndex(({ id }) => id === view.id)
    if (at >= 0) this.#waiting[at] = view
  }

  /** @returns what is to be shown in its place, and whether it was shown to a client that did not expect its end */
  close(id: string, now: number): { readonly wasOnScreen: boolean; readonly next: readonly InteractionView[] } {
    this.#open.delete(id)
    const at = this.#waiting.findIndex((view) => view.id === id)
    if (at >= 0) this.#waiting.splice(at, 1)
    if (this.#shown?.id !== id) return { wasOnScreen: false, next: [] }
    const wasOnScreen = this.#expected !== id
    if (wasOnScreen) this.#mistakableUntil = now + MISTAKABLE_MS
    return { wasOnScreen, next: this.#next() }
  }

  /** The client is answering this one: its end will surprise nobody. */
  expect(id: string | undefined): void {
    this.#expected = id
  }

  /** What an answer without a name is for. */
  answered(now: number): 'nothing' | 'mistakable' | InteractionView {
    if (!this.#shown) return 'nothing'
    return now < this.#mistakableUntil ? 'mistakable' : this.#shown
  }

  /** Notifications that waited, and the first question behind them. */
  #next(): readonly InteractionView[] {
    const question = this.#waiting.findIndex(({ state }) => state === 'pending')
    const next = this.#waiting.splice(0, question < 0 ? this.#waiting.length : question + 1)
    this.#shown = question < 0 ? undefined : next.at(-1)
    return next
  }
}

/** No message answers what is answered in another window or on another device. A notification that came while a question is shown would take its place in NAT's UI, so it waits, too. */
function takesTurn({ question }: InteractionView): boolean {
  return question.kind !== 'oauth_consent' && question.kind !== 'backchannel' && question.kind !== 'device_code'
}
