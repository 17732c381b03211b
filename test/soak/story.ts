import type { InteractionView, LoggedEvent } from '@countersign/core'
import type { PlainBrowser } from '../e2e/plain-browser.ts'
import type { Chance } from './chance.ts'
import { userAnswer, userMessage } from './frames.ts'
import type { Moments } from './moments.ts'
import { signInWith } from './sign-in-with.ts'
import { Tab } from './tab.ts'

/** A run whose log has not grown for this long, while nobody died, will not end, milliseconds. */
const STUCK_MS = 30_000
/** How soon a person tries a sign-in again that did not get through, milliseconds. */
const AGAIN_MS = 50

/** Who talks to whom, and what about. */
export interface StoryParts {
  readonly origin: string
  readonly issuer: string
  readonly browser: PlainBrowser
  readonly chance: Chance
  readonly moments: Moments
  readonly conversationId: string
  /** What is said: the names of tools. */
  readonly text: string
}

/** What the person of a story has done and seen. */
export interface StoryRecord {
  readonly conversationId: string
  /** Ids of the messages that were sent. */
  readonly messages: readonly string[]
  /** What was answered, by the id of the question. */
  readonly answers: ReadonlyMap<string, ReadonlySet<string>>
  /** The log as each of the tabs was sent it. */
  readonly seen: readonly (readonly LoggedEvent[])[]
  readonly jumps: readonly string[]
}

/** One conversation of a patient person with two tabs: says something until it is taken, answers what is asked, signs in as often as needed. Some cancel, or say something else meanwhile. */
export class Story {
  readonly #parts: StoryParts
  readonly #tabs: readonly [Tab, Tab]
  readonly #messages: string[] = ['m1']
  readonly #answers = new Map<string, Set<string>>()
  /** What a tab has sent since it was last connected. */
  readonly #sent: readonly [Set<string>, Set<string>] = [new Set(), new Set()]
  readonly #choices = new Map<string, string>()
  readonly #incident: { readonly afterEvents: number; readonly what: 'cancel' | 'newer message' } | undefined
  #isSigningIn = false
  #isExpected = false
  #lastPage = 'nothing'
  #stopTimer: () => void = () => undefined
  #end: (end: 'ended' | 'stuck') => void = () => undefined
  /** Resolves when the runs of all messages have ended, as both tabs have seen it; or when its end is expected, and nothing goes on any more. */
  readonly ended: Promise<'ended' | 'stuck'>

  constructor(parts: StoryParts) {
    this.#parts = parts
    const { chance } = parts
    if (chance.isOnceIn(6)) this.#incident = { afterEvents: 1 + chance.below(12), what: chance.pick(['cancel', 'newer message']) }
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    this.#tabs = [this.#openTab(0), this.#openTab(1)]
  }

  get record(): StoryRecord {
    const { conversationId } = this.#parts
    const [first, second] = this.#tabs
    return {
      conversationId,
      messages: this.#messages,
      answers: this.#answers,
      // As of now: the rows are read after it.
      seen: [[...first.seen], [...second.seen]],
      jumps: [...first.jumps, ...second.jumps],
    }
  }

  /** What somebody should know who finds it stuck. */
  get position(): string {
    const open = openQuestions(this.#tabs[0].seen).map(({ id, question }) => `${question.kind} ${id}`)
    const tabs = this.#tabs.map(({ isConnected, problem }) => (isConnected ? 'connected' : problem)).join(' and ')
    return `tabs: ${tabs}; open: ${open.join() || 'nothing'}, the last page was ${this.#lastPage}${this.#isSigningIn ? ', another is under way' : ''}`
  }

  close(): void {
    this.#stopTimer()
    for (const tab of this.#tabs) tab.close()
  }

  #openTab(index: 0 | 1): Tab {
    const { origin, browser, conversationId, moments } = this.#parts
    return new Tab({
      origin,
      cookie: browser.cookiesOf(origin),
      conversationId,
      onFrame: (frame) => {
        if (frame.type === 'connected') this.#sent[index].clear()
        if (frame.type === 'event_message') {
          this.#watch()
          moments.pass(frame.event.type)
        }
        // A tab's first frame may come before both are there.
        queueMicrotask(() => this.#act(index))
      },
    })
  }

  /** From now on nobody dies any more: what does not go on will not end. */
  expectEnd(): void {
    this.#isExpected = true
    this.#watch()
  }

  #watch(): void {
    this.#stopTimer()
    if (!this.#isExpected) return
    const timer = setTimeout(() => this.#end('stuck'), STUCK_MS)
    this.#stopTimer = () => clearTimeout(timer)
  }

  #act(index: 0 | 1): void {
    const tab = this.#tabs[index]
    if (index === 0) this.#speak(tab)
    for (const question of openQuestions(tab.seen)) this.#answer(index, question)
    if (this.#tabs.every(({ seen }) => this.#messages.every((id) => hasEnded(seen, id)))) this.#end('ended')
  }

  /** Says what has not been taken yet, and does what an impatient person does. */
  #speak(tab: Tab): void {
    const { conversationId, text } = this.#parts
    const events = tab.seen.map(({ event }) => event)
    if (this.#incident && tab.seen.length >= this.#incident.afterEvents) {
      if (this.#incident.what === 'newer message' && this.#messages.length === 1) this.#messages.push('m2')
      if (this.#incident.what === 'cancel') this.#once(0, 'cancel', { type: 'cancel_message', conversation_id: conversationId })
    }
    for (const id of this.#messages)
      if (!events.some((event) => event.type === 'run-start' && event.messageId === id))
        this.#once(0, id, userMessage(conversationId, id, text))
  }

  #answer(index: 0 | 1, { id, question }: InteractionView): void {
    const { conversationId, chance } = this.#parts
    if (question.kind === 'oauth_consent') {
      if (index === 0) void this.#signIn(question.consent.startUrl)
      return
    }
    if (!('options' in question)) return
    const place = `${index} ${id}`
    // One tab always answers; the other one sometimes, and not always the same.
    if (!this.#choices.has(place)) {
      const [yes, no] = question.options
      const value = (chance.isOnceIn(4) ? no : yes)?.value ?? ''
      this.#choices.set(place, index === 0 || chance.isOnceIn(3) ? value : '')
    }
    const answer = this.#choices.get(place) ?? ''
    if (answer === '') return
    this.#answers.set(id, (this.#answers.get(id) ?? new Set()).add(answer))
    this.#once(index, id, userAnswer(conversationId, id, { id: `${place} answer`, answer }))
  }

  /** Once for each connection: whether it got through, only the log tells. */
  #once(index: 0 | 1, name: string, frame: object): void {
    if (this.#sent[index].has(name) || !this.#tabs[index].isConnected) return
    this.#sent[index].add(name)
    this.#tabs[index].send(frame)
  }

  async #signIn(startUrl: string): Promise<void> {
    if (this.#isSigningIn) return
    this.#isSigningIn = true
    const { browser, issuer } = this.#parts
    this.#lastPage = await signInWith(browser, { startUrl, issuer })
    setTimeout(() => {
      this.#isSigningIn = false
      // It may be asked again, or another one meanwhile.
      this.#act(0)
    }, AGAIN_MS)
  }
}

function openQuestions(log: readonly LoggedEvent[]): readonly InteractionView[] {
  const open = new Map<string, InteractionView>()
  for (const { event } of log) {
    if (event.type === 'interaction-open' && event.interaction.state === 'pending') open.set(event.interaction.id, event.interaction)
    if (event.type === 'interaction-close') open.delete(event.interactionId)
  }
  return [...open.values()]
}

function hasEnded(log: readonly LoggedEvent[], messageId: string): boolean {
  const start = log.find(({ event }) => event.type === 'run-start' && event.messageId === messageId)?.event
  return start?.type === 'run-start' && log.some(({ event }) => event.type === 'run-end' && event.runId === start.runId)
}
