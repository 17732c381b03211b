import { setTimeout as pause } from 'node:timers/promises'
import { isCountersignError, type Rows, type Store, type Visitor } from '@countersign/core'
import {
  conversationOf,
  paths,
  scriptedModel,
  settled,
  type SignInProcess,
  type SignInWorld,
  signInWorld,
  tokenBody,
} from '@countersign/core/testing'
import { type FaultPoint, faulty, type FaultyStore, storeFaults } from './faulty-calls.ts'
import type { Findings } from './findings.ts'
import { inspectEnd, readEvidence } from './inspect-conversation.ts'
import type { Deed } from './outside.ts'
import type { Progress } from './progress.ts'

/** Of a run and of an exchange, by the clock of the database, which no test holds: short, so that it has soon run out. */
const LEASE_MS = 30
/** By the clock of the processes: longer than they wait for anything, shorter than a question lives. */
const LATER_MS = 25_000
/** How often somebody does something before the story counts as stuck; undisturbed it takes four. */
const MAX_STEPS = 30
/** How long a process may take until it has nothing more to do by itself, milliseconds. */
const REST_MS = 2_000
const MESSAGE = 'm1'

export interface FaultParts {
  readonly store: Store
  /** Only each n-th point; default: all. */
  readonly every?: number
  readonly findings: Findings
  /** Begins to tell how far it is, once it is known how many points there are. */
  readonly follow: (points: number) => Progress
}

/**
 * The main story (a message, an approval, a sign-in, a call, a reply) once for each call that it makes to its store, each time with that one call failing: every
 * statement, every commit that is refused, every commit whose success nobody hears of. @returns how many points there were
 */
export async function playFaultRounds({ store, every = 1, findings, follow }: FaultParts): Promise<number> {
  const theatre = new Theatre(store)
  const whole = await theatre.play(undefined, findings.at('without a fault'))
  const points = storeFaults.flatMap((fault) =>
    Array.from({ length: fault === 'statement' ? whole.statements : whole.commits }, (_, index): FaultPoint => ({ fault, index })),
  )
  const chosen = points.filter((_, index) => index % every === 0)
  const progress = follow(chosen.length)
  let come = 0
  for (const [index, point] of chosen.entries()) {
    const { hasCome } = await theatre.play(point, findings.at(`${point.fault} ${point.index}`))
    if (hasCome) come += 1
    progress(index + 1)
  }
  // A real store is not always as quick: a story may end with a look fewer than the first one.
  findings.must(come > chosen.length * 0.9, 'lost', `only ${come} of ${chosen.length} faults came`)
  return come
}

/** Where the stories are played: one store, virtual time, and for each story a person and a process of its own. */
class Theatre {
  readonly #world: SignInWorld
  readonly #deeds: Deed[] = []
  #count = 0

  constructor(store: Store) {
    const deeds = this.#deeds
    const model = scriptedModel((messages) => (messages.at(-1)?.role === 'user' ? ['Let me see.', { call: 'pay' }] : ['All is done.']))
    this.#world = signInWorld({
      store,
      model,
      limits: { leaseMs: LEASE_MS, exchangeDeadlineMs: LEASE_MS },
      tool: {
        name: 'pay',
        risk: 'high',
        idempotent: false,
        async execute(_input, { fetch, conversationId, callId, idempotencyKey: key }) {
          await fetch('https://api.example/account')
          const receipt = deeds.length + 1
          deeds.push({ tool: 'pay', conversationId, callId, key, pid: 0, receipt })
          return { receipt }
        },
      },
    })
    let issued = 0
    this.#world.server.script[paths.token] = () => Response.json(tokenBody({ access_token: `access-${(issued += 1)}` }))
  }

  /** @returns how many calls the process made to its store */
  async play(point: FaultPoint | undefined, findings: Findings): Promise<FaultyStore['counts'] & { readonly hasCome: boolean }> {
    const number = (this.#count += 1)
    const visitor: Visitor = { principal: { id: `anonymous:${number}`, kind: 'anonymous', roles: [] }, sessionId: `session-${number}` }
    const { store, counts } = faulty(this.#world.store, point)
    const process = this.#world.spawn(`process-${number}`, { door: () => store })
    const story = new FaultStory(this.#world, process, visitor)
    const isOver = await story.play()
    await process.runs.stop(0)
    const evidence = await readEvidence({ store: this.#world.store, runtime: this.#world.runtime, deeds: this.#deeds }, story.record)
    if (isOver) inspectEnd(evidence, findings)
    else findings.add('lost', `its run does not end: ${evidence.runs.map(({ state }) => state).join() || 'it never began'}`)
    for (const error of story.errors) findings.add('lost', `somebody was told ${error}`)
    return { ...counts, hasCome: point === undefined || counts[point.fault === 'statement' ? 'statements' : 'commits'] > point.index }
  }
}

/** A person who goes on as long as there is something to do, whatever the server says. */
class FaultStory {
  readonly #world: SignInWorld
  readonly #process: SignInProcess
  readonly #visitor: Visitor
  readonly #answers = new Map<string, Set<string>>()
  /** What was thrown besides that the store failed. */
  readonly errors: string[] = []

  constructor(world: SignInWorld, process: SignInProcess, visitor: Visitor) {
    this.#world = world
    this.#process = process
    this.#visitor = visitor
  }

  get record(): Parameters<typeof readEvidence>[1] {
    return { conversationId: conversationOf(this.#visitor), messages: [MESSAGE], answers: this.#answers, seen: [], jumps: [] }
  }

  /** @returns whether the run has ended */
  async play(): Promise<boolean> {
    for (let step = 0; step < MAX_STEPS; step += 1) {
      const { run, question, authorization } = await this.#look()
      if (run?.endedAt != null) return true
      try {
        await (run ? this.#goOn(question, authorization) : this.#world.say(this.#process, this.#visitor, MESSAGE))
      } catch (error) {
        if (!isCountersignError(error, 'storage_unavailable')) this.errors.push(String(error))
      }
      await this.#rest()
    }
    return false
  }

  /** Answers what is asked; with nothing to answer, time passes and somebody looks after what is due. */
  async #goOn(question: Rows['interactions'] | undefined, authorization: Rows['authorizations'] | undefined): Promise<void> {
    // Nobody knows yet what became of an exchange: the person is asked again once its deadline has passed.
    if (!question || authorization?.state === 'exchanging') {
      await Promise.all([this.#world.runtime.advance(LATER_MS), pause(LEASE_MS + 1)])
      return this.#process.runs.tick()
    }
    if (question.question.kind === 'oauth_consent') {
      const { url, flow } = await this.#world.agree(this.#process, this.#visitor)
      await this.#process.consents.finish(url, [flow], [this.#visitor])
      return
    }
    const answer = question.place === 'approval' ? 'approve' : 'run'
    this.#answers.set(question.id, new Set([answer]))
    await this.#process.runs.answer(question.id, { action: 'accept', answer }, this.#visitor)
  }

  #look(): Promise<Position> {
    const conversationId = conversationOf(this.#visitor)
    return this.#world.store.transact('look', async (transaction) => {
      const [question] = await transaction.find('interactions', { conversationId, state: 'pending' })
      return {
        run: await transaction.get('runs', { conversationId, messageId: MESSAGE }),
        question,
        authorization: question && (await transaction.get('authorizations', { interactionId: question.id })),
      }
    })
  }

  /** Lets the process go as far as it comes by itself. A real store takes turns of the event loop. */
  async #rest(): Promise<void> {
    const signal = AbortSignal.timeout(REST_MS)
    do await settled()
    while (this.#process.runs.heldCount > 0 && !signal.aborted)
  }
}

/** How far a story is, in its rows. */
interface Position {
  readonly run: Rows['runs'] | undefined
  readonly question: Rows['interactions'] | undefined
  readonly authorization: Rows['authorizations'] | undefined
}
