import { once } from 'node:events'
import type { LoggedEvent } from '@countersign/core'
import { PlainBrowser } from '../e2e/plain-browser.ts'
import { arrive } from './arrive.ts'
import type { Findings } from './findings.ts'
import { userMessage } from './frames.ts'
import type { Progress } from './progress.ts'
import { signInWith } from './sign-in-with.ts'
import type { Stand } from './stand.ts'
import { Tab } from './tab.ts'

const CALLS = 50
const DEADLINE_MS = 60_000

export interface RefreshParts {
  readonly stand: Stand
  readonly rounds: number
  readonly findings: Findings
  readonly progress: Progress
}

/** A gate at the token endpoint: while it is shut, token requests wait. */
export class TokenGate {
  #opened: Promise<void> = Promise.resolve()
  #open: () => void = () => undefined

  shut(): void {
    this.#opened = new Promise((resolve) => {
      this.#open = resolve
    })
  }

  open(): void {
    this.#open()
  }

  /** Lets a request through when it may; goes before the provider. */
  readonly intercept = async ({ url }: { readonly url?: string | undefined }): Promise<boolean> => {
    if (url === '/oauth/token') await this.#opened
    return false
  }
}

/**
 * Fifty calls at once, through every process, on a token that has expired, at a provider that takes each refresh token once and revokes everything when one comes
 * again. The token request is held until all calls are there, so that each of them has seen the expired token.
 */
export async function playRefreshes({ stand, rounds, findings, progress }: RefreshParts, gate: TokenGate): Promise<void> {
  const person = new Person(stand)
  await person.signIn()
  for (let round = 1; round <= rounds; round += 1) {
    await expireTokens(stand)
    const before = stand.tokenRequests.length
    gate.shut()
    await person.call(`round-${round}`, round * CALLS, () => gate.open())
    const requests = stand.tokenRequests.slice(before)
    const place = findings.at(`refresh ${round}`)
    place.must(requests.length >= 1, 'lost', 'nobody renewed the token')
    place.must(requests.length <= 1, 'doubled', `${requests.length} token requests: ${requests.join('; ')}`)
    place.must(
      requests.every((request) => request === 'refresh_token, 200'),
      'lost',
      `the token was renewed by ${requests.join('; ')}`,
    )
    const results = person.results(`round-${round}`)
    place.must(results.length === CALLS, results.length < CALLS ? 'lost' : 'doubled', `${results.length} of ${CALLS} calls have a result`)
    place.must(
      results.every((status) => status === 'ok'),
      'lost',
      `calls ended as ${[...new Set(results)].join()}`,
    )
    progress(round)
  }
  person.leave()
}

/** The clock goes on for all stored tokens: as far as we know they have expired. */
async function expireTokens({ store }: Stand): Promise<void> {
  await store.transact('expire', (transaction) => transaction.update('credentials', { refreshable: 1 }, { expiresAt: 1 }))
}

/** One person with a conversation through each of the processes. */
class Person {
  readonly #stand: Stand
  readonly #browser = new PlainBrowser()
  readonly #look = new EventTarget()
  #tabs: readonly Tab[] = []

  constructor(stand: Stand) {
    this.#stand = stand
  }

  /** Arrives and asks for the first time. */
  async signIn(): Promise<void> {
    const { front, instances, provider } = this.#stand
    const { origin } = front
    await arrive(this.#browser, origin)
    const cookie = this.#browser.cookiesOf(origin)
    const onFrame = (): void => void this.#look.dispatchEvent(new Event('frame'))
    this.#tabs = instances.map(({ port }, index) => {
      const conversationId = `instance-${index}`
      return new Tab({ origin, cookie, conversationId, onFrame, ...(port !== undefined && { port }) })
    })
    await this.#until(() => this.#tabs.every(({ isConnected }) => isConnected))
    this.#tabs[0]?.send(userMessage('instance-0', 'first', 'revisit'))
    const startUrl = await this.#seen(({ event }) =>
      event.type === 'interaction-open' && event.interaction.question.kind === 'oauth_consent'
        ? event.interaction.question.consent.startUrl
        : undefined,
    )
    await signInWith(this.#browser, { startUrl, issuer: provider.issuer })
    await this.#until(() => this.#hasEnded('first', 0))
  }

  /** Makes all calls at once. @param whenThere done as soon as each of them is on its way, when `arrived` have come in all */
  async call(messageId: string, arrived: number, whenThere: () => void): Promise<void> {
    const { outside, instances } = this.#stand
    const text = Array.from({ length: CALLS / instances.length }, () => 'revisit').join(' ')
    for (const [index, tab] of this.#tabs.entries()) tab.send(userMessage(`instance-${index}`, messageId, text))
    // The first call was made to sign in.
    await outside.arrivals('revisit:arrive', arrived + 1)
    whenThere()
    await this.#until(() => this.#tabs.every((_, index) => this.#hasEnded(messageId, index)))
  }

  /** How the calls of a message ended. */
  results(messageId: string): readonly string[] {
    return this.#tabs.flatMap(({ seen }) => {
      const runId = runOf(seen, messageId)
      return seen.flatMap(({ event }) => (event.type === 'tool-end' && event.runId === runId ? [event.status] : []))
    })
  }

  leave(): void {
    for (const tab of this.#tabs) tab.close()
  }

  #hasEnded(messageId: string, index: number): boolean {
    const log = this.#tabs[index]?.seen ?? []
    const runId = runOf(log, messageId)
    return log.some(({ event }) => event.type === 'run-end' && event.runId === runId)
  }

  async #seen<T>(pick: (logged: LoggedEvent) => T | undefined): Promise<T> {
    const found = (): T | undefined => this.#tabs.flatMap(({ seen }) => seen.map(pick)).find((each) => each !== undefined)
    await this.#until(() => found() !== undefined)
    return found() as T // it was just there
  }

  async #until(isSo: () => boolean): Promise<void> {
    const signal = AbortSignal.timeout(DEADLINE_MS)
    while (!isSo()) await once(this.#look, 'frame', { signal })
  }
}

function runOf(log: readonly LoggedEvent[], messageId: string): string | undefined {
  return log.flatMap(({ event }) => (event.type === 'run-start' && event.messageId === messageId ? [event.runId] : [])).at(0)
}
