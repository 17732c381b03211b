import { silentLog } from '@countersign/core'
import { nodeRuntime } from '@countersign/server'
import { PlainBrowser } from '../e2e/plain-browser.ts'
import { arrive } from './arrive.ts'
import type { Chance } from './chance.ts'
import type { Findings } from './findings.ts'
import { inspectChains } from './inspect-chains.ts'
import { inspectEnd, inspectSeen, readEvidence } from './inspect-conversation.ts'
import type { Instance } from './instance.ts'
import type { Progress } from './progress.ts'
import type { Stand } from './stand.ts'
import { Story } from './story.ts'

/** How many persons talk at once. */
const PERSONS = 5
/** The longest that a round waits for its moment, milliseconds: then it strikes as it is. */
const LONGEST_WAIT_MS = 400

/** How often there is a quiet time in between, in rounds: on a slow machine nobody would come to an end otherwise. */
const QUIET_EVERY = 5
/** The longest that it takes somebody to come to an end in a quiet time, milliseconds. */
const QUIET_MS = 30_000

/** Longer than a lease and a look at what is due, milliseconds. */
const STALL_MS = 2_000

const texts = ['pay', 'order', 'visit', 'send pay', 'note order', 'pay visit', 'send', 'order order pay', 'note send'] as const
/** The moments at which a process may die; else it dies at any time. */
const moments = [
  'reply-start',
  'token-delta',
  'reply-end',
  'interaction-open',
  'interaction-close',
  'tool-end',
  'run-start',
  'deed-arrives',
  'deed-answered',
  'token-request',
  'token-answer',
] as const

export interface KillParts {
  readonly stand: Stand
  readonly rounds: number
  readonly chance: Chance
  readonly findings: Findings
  readonly progress: Progress
}

/** What was played besides. */
export interface KillTally {
  readonly stories: number
  readonly deeds: number
}

/**
 * People talk to the servers all the time; each round kills one of the processes somewhere and starts it again, or, where another goes on, stops it for a while. What people saw before is still there after every
 * death, and every conversation ends as it must.
 */
export async function playKillRounds(parts: KillParts): Promise<KillTally> {
  const { stand, rounds, chance, findings, progress } = parts
  const crowd = new Crowd(parts)
  const talking = Array.from({ length: PERSONS }, (_, index) => crowd.talk(index, chance.branch()))
  for (let round = 1; round <= rounds; round += 1) {
    if (round % QUIET_EVERY === 0) await crowd.quietTime()
    const victim = await moment(stand, chance)
    if (stand.instances.length > 1 && chance.isOnceIn(4)) await victim.stall(STALL_MS)
    else await killAndStart(victim, crowd)
    progress(round)
  }
  crowd.close()
  await Promise.all(talking)
  await inspectChains(stand.store, stand.keyFile, findings)
  const spent = stand.tokenRequests.filter((request) => request.startsWith('authorization_code') && !request.endsWith('200'))
  findings.must(spent.length === 0, 'doubled', `${spent.length} codes were sent twice`)
  for (const line of stand.complaints) findings.add('lost', `an instance complains: ${line}`)
  return { stories: crowd.count, deeds: stand.outside.deeds.length }
}

async function killAndStart(victim: Instance, crowd: Crowd): Promise<void> {
  await victim.kill()
  await crowd.inspect()
  await victim.start()
}

/** Waits for the moment at which somebody is to die. @returns who */
function moment({ instances, moments: passing }: Stand, chance: Chance): Promise<Instance> {
  const [first, ...others] = instances
  if (!first) throw new Error('there is nobody to kill')
  const anyone = chance.pick([first, ...others])
  const isAnyTime = chance.isOnceIn(2)
  const name = chance.pick(moments)
  const nth = 1 + chance.below(4)
  const afterMs = chance.below(LONGEST_WAIT_MS)
  return new Promise((resolve) => {
    const strike = (pid?: number): void => {
      clearTimeout(timer)
      giveUp()
      resolve(instances.find((instance) => instance.pid === pid) ?? anyone)
    }
    const giveUp = isAnyTime ? (): void => undefined : passing.at(name, nth, strike)
    const timer = setTimeout(strike, isAnyTime ? afterMs : LONGEST_WAIT_MS)
  })
}

/** The persons, each in one conversation after another. */
class Crowd {
  readonly #parts: KillParts
  readonly #runtime = nodeRuntime(silentLog)
  readonly #stories = new Map<string, Story>()
  #isClosed = false
  count = 0

  constructor(parts: KillParts) {
    this.#parts = parts
  }

  /** Lets the conversations that are under way end, and begins no other. */
  close(): void {
    this.#isClosed = true
    for (const story of this.#stories.values()) story.expectEnd()
  }

  /** Nobody dies until somebody has come to an end. */
  async quietTime(): Promise<void> {
    let stopTimer = (): void => undefined
    const isTooLong = new Promise<true>((resolve) => {
      const timer = setTimeout(() => resolve(true), QUIET_MS)
      stopTimer = () => clearTimeout(timer)
    })
    const stories = [...this.#stories.values()]
    if ((await Promise.race([isTooLong, ...stories.map(({ ended }) => ended)])) === true)
      this.#parts.findings.add('lost', `nobody came to an end in a quiet time: ${stories.map(({ position }) => position).join(' | ')}`)
    stopTimer()
  }

  async talk(person: number, chance: Chance): Promise<void> {
    const { stand, findings } = this.#parts
    const { front, provider, moments: passing } = stand
    const browser = new PlainBrowser()
    await arrive(browser, front.origin)
    for (let number = 1; !this.#isClosed; number += 1) {
      const conversationId = `person-${person}-${number}`
      const text = chance.pick(texts)
      const parts = {
        origin: front.origin,
        issuer: provider.issuer,
        browser,
        chance: chance.branch(),
        moments: passing,
        conversationId,
        text,
      }
      const story = new Story(parts)
      this.#stories.set(conversationId, story)
      const end = await story.ended
      this.#stories.delete(conversationId)
      this.count += 1
      const place = findings.at(`${conversationId} ("${text}")`)
      const evidence = await this.#evidence(story)
      if (end === 'stuck') place.add('lost', `its runs do not go on (${evidence.runs.map(({ state }) => state).join()}): ${story.position}`)
      else inspectEnd(evidence, place)
      story.close()
    }
  }

  /** Somebody has just died: what the others have seen so far is still there. */
  async inspect(): Promise<void> {
    for (const [id, story] of this.#stories) inspectSeen(await this.#evidence(story), this.#parts.findings.at(id))
  }

  #evidence(story: Story): ReturnType<typeof readEvidence> {
    const { store, outside } = this.#parts.stand
    return readEvidence({ store, runtime: this.#runtime, deeds: outside.deeds }, story.record)
  }
}
