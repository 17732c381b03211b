import { once } from 'node:events'
import type { InteractionView } from '@countersign/core'
import type { ServerFrame } from '@countersign/core/protocol'
import { PlainBrowser } from '../e2e/plain-browser.ts'
import { arrive } from './arrive.ts'
import type { Chance } from './chance.ts'
import type { Findings } from './findings.ts'
import { userAnswer, userMessage } from './frames.ts'
import type { Progress } from './progress.ts'
import type { Stand } from './stand.ts'
import { Tab } from './tab.ts'

/** How many questions are raced for at once. */
const PERSONS = 5
const TABS = 2
/** How long a race may take, milliseconds: longer, and an answer to somebody has been lost. */
const DEADLINE_MS = 30_000

export interface RaceParts {
  readonly stand: Stand
  readonly rounds: number
  readonly chance: Chance
  readonly findings: Findings
  readonly progress: Progress
}

/** Each question is answered at once through every process from two tabs each, not always alike: one answer wins, and the others are told what was decided. */
export async function playRaces({ stand, rounds, chance, findings, progress }: RaceParts): Promise<void> {
  let begun = 0
  let done = 0
  await Promise.all(
    Array.from({ length: PERSONS }, async () => {
      const browser = new PlainBrowser()
      await arrive(browser, stand.front.origin)
      while (begun < rounds) {
        begun += 1
        const conversationId = `race-${begun}`
        await new Race(stand, browser, conversationId).play(chance.branch(), findings.at(conversationId))
        progress((done += 1))
      }
    }),
  )
}

type Frame = ServerFrame | { readonly type: 'connected' }

/** One question, and everybody who answers it. */
class Race {
  readonly #stand: Stand
  readonly #conversationId: string
  readonly #frames: Frame[][] = []
  readonly #tabs: readonly Tab[]
  readonly #look = new EventTarget()

  constructor(stand: Stand, browser: PlainBrowser, conversationId: string) {
    this.#stand = stand
    this.#conversationId = conversationId
    const { origin } = stand.front
    const ports = stand.instances.flatMap(({ port }) => Array.from({ length: stand.instances.length === 1 ? 2 * TABS : TABS }, () => port))
    this.#tabs = ports.map((port, index) => {
      const frames: Frame[] = (this.#frames[index] = [])
      const onFrame = (frame: Frame): void => {
        frames.push(frame)
        this.#look.dispatchEvent(new Event('frame'))
      }
      return new Tab({ origin, cookie: browser.cookiesOf(origin), conversationId, onFrame, ...(port !== undefined && { port }) })
    })
  }

  async play(chance: Chance, findings: Findings): Promise<void> {
    try {
      await this.#race(chance, findings)
    } catch (error) {
      findings.add('lost', `the race did not end: ${String(error)}`)
    } finally {
      for (const tab of this.#tabs) tab.close()
    }
  }

  async #race(chance: Chance, findings: Findings): Promise<void> {
    await this.#until(() => this.#tabs.every(({ isConnected }) => isConnected))
    this.#tabs[0]?.send(userMessage(this.#conversationId, 'm1', 'order'))
    const question = await this.#everybodySees((frame) =>
      frame.type === 'event_message' && frame.event.type === 'interaction-open' ? frame.event.interaction : undefined,
    )
    const answers = this.#tabs.map((_, index) => ({ id: `answer ${index}`, answer: chance.pick(['small', 'large']) }))
    for (const [index, tab] of this.#tabs.entries()) {
      const answer = answers[index]
      if (answer) tab.send(userAnswer(this.#conversationId, question.id, answer))
      // Frames are taken in turn: what comes after this was said after the answer was taken.
      tab.send({ type: 'resume_message', conversation_id: this.#conversationId, last_seq: 0 })
    }
    await this.#until(() => this.#frames.every((frames) => frames.filter(({ type }) => type === 'caught_up_message').length === 2))
    const refusals = answers.map(({ id }, index) =>
      this.#frames[index]?.find((frame) => frame.type === 'error_message' && frame.parent_id === id),
    )
    const winners = answers.filter((_, index) => refusals[index] === undefined)
    findings.must(winners.length >= 1, 'lost', 'nobody won')
    findings.must(winners.length <= 1, 'doubled', `${winners.length} answers won`)
    for (const refusal of refusals)
      findings.must(refusal === undefined || isEarlier(refusal), 'lost', `a loser was told ${JSON.stringify(refusal)}`)
    await this.#everybodySees((frame) => (frame.type === 'event_message' && frame.event.type === 'run-end' ? frame : undefined))
    await this.#compare(question, winners[0]?.answer, findings)
  }

  /** What is stored and what was done are what the winner said. */
  async #compare({ id }: InteractionView, answer: string | undefined, findings: Findings): Promise<void> {
    const { store, outside } = this.#stand
    const row = await store.transact('inspect', (transaction) => transaction.get('interactions', { id }))
    const stored = row?.response?.action === 'accept' ? row.response.answer : row?.state
    findings.must(stored === answer, 'lost', `"${answer}" won, and ${JSON.stringify(stored)} is stored`)
    const orders = outside.deeds.filter(({ tool, conversationId }) => tool === 'order' && conversationId === this.#conversationId)
    findings.must(orders.length >= 1, 'lost', 'nothing was ordered')
    // Who loses the run in the middle of it leaves the rest to another process, which asks for the same under the same key.
    const keys = new Set(orders.map(({ key }) => key))
    findings.must(keys.size <= 1, 'doubled', `it was ordered under ${keys.size} keys`)
    findings.must(
      orders.every(({ choice }) => choice === answer),
      'doubled',
      `"${answer}" won, and "${orders[0]?.choice}" was ordered`,
    )
    const closes = this.#tabs[0]?.seen.filter(({ event }) => event.type === 'interaction-close' && event.interactionId === id).length
    findings.must(closes === undefined || closes > 0, 'lost', 'nobody was told of the end')
  }

  /** Waits until every tab was sent what is looked for. @returns what the first one was sent */
  async #everybodySees<T>(pick: (frame: Frame) => T | undefined): Promise<T> {
    const found = (): (T | undefined)[] => this.#frames.map((frames) => frames.map(pick).find((picked) => picked !== undefined))
    await this.#until(() => found().every((each) => each !== undefined))
    const [first] = found()
    if (first === undefined) throw new Error('there are no tabs')
    return first
  }

  async #until(isSo: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(DEADLINE_MS)
    while (!isSo()) await once(this.#look, 'frame', { signal })
  }
}

function isEarlier(frame: Frame): boolean {
  return frame.type === 'error_message' && JSON.stringify(frame).includes('The question is over (answered); nothing was changed.')
}
