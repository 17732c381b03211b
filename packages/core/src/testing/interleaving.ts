import { z } from 'zod'
import { type AnswerOutcome, Runs } from '../run/runs.ts'
import type { InteractionRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'
import { type Tool, defineTool } from '../tool/tool.ts'
import { type Aftermath, readAftermath } from './aftermath.ts'
import { doorTo } from './faulty-store.ts'
import { scriptedModel } from './scripted-model.ts'
import { type VirtualRuntime, settled } from './virtual-runtime.ts'
import { runDeps } from './world.ts'

/** What fast-check's scheduler offers: it decides which of the waiting steps goes next. */
export interface StepScheduler {
  schedule<T>(task: Promise<T>, label?: string): Promise<T>
  waitOne(): Promise<void>
  count(): number
}

/** What may happen besides the plain story. */
export interface Incidents {
  /** Process A dies at its n-th transaction, before or after the commit; undefined: it lives. */
  readonly crashAt?: { readonly transaction: number; readonly after: boolean } | undefined
  /** After how many steps of its own each of these happens; undefined: never. */
  readonly cancel?: number | undefined
  readonly newerMessage?: number | undefined
  /** Time passes beyond every deadline. */
  readonly expiry?: number | undefined
  /** Time passes beyond the lease, so that a living holder can lose its run. */
  readonly pause?: number | undefined
  /** The second tab denies instead of approving. */
  readonly deny: boolean
}

const CONVERSATION = 'c1'
const visitor = { principal: { id: 'anonymous:ada', kind: 'anonymous', roles: [] }, sessionId: 's1' } as const
const never = new Promise<never>(() => undefined)

interface Process {
  readonly runs: Runs
  isAlive: boolean
}

/**
 * Plays one story under one order of steps: a model calls a slow tool and a risky one; two tabs answer on two processes; two processes advance; and
 * whatever `incidents` adds. Then everybody comes to rest: time passes, a third process looks after what is due, and every question left is answered.
 */
export async function playInterleaved(parts: {
  /** The store of each process: the same one, or their own doors to one database. */
  stores: Record<'a' | 'b' | 'c', Store>
  runtime: VirtualRuntime
  scheduler: StepScheduler
  incidents: Incidents
  /** How many steps are taken before the world comes to rest again (default 1): more run side by side where a store lets them. */
  atOnce?: number
}): Promise<Aftermath> {
  const { runtime, scheduler, incidents, atOnce = 1 } = parts
  const { stores, isIdle } = watched(parts.stores)
  const store = stores.c
  const effects: string[] = []
  const answers: AnswerOutcome[] = []
  const spawn = (owner: keyof typeof stores, crashAt?: Incidents['crashAt']): Process => {
    const process: { isAlive: boolean; runs?: Runs } = { isAlive: true }
    const own = { process, scheduler, effects }
    const deps = runDeps({ model: model(own), tools: tools(own) }, { runtime, store: door(stores[owner], { ...own, crashAt }), owner })
    return Object.assign(process, { runs: new Runs(deps) })
  }
  const a = spawn('a', incidents.crashAt)
  const b = spawn('b')
  const act = (name: string, delay: number | undefined, work: () => Promise<unknown>): void => {
    if (delay !== undefined)
      void stepsLater(scheduler, name, delay)
        .then(work)
        .catch(() => undefined)
  }
  const answer = async (process: Process, id: string, value: string): Promise<void> => {
    answers.push(await process.runs.answer(id, { action: 'accept', answer: value }, visitor))
  }
  const stopWatching = watchQuestions(Object.values(stores), (id, place) => {
    const tabs = place === 'approval' ? (['approve', incidents.deny ? 'deny' : 'approve'] as const) : (['leave', 'leave'] as const)
    act('answer on a', 0, () => answer(a, id, tabs[0]))
    act('answer on b', 0, () => answer(b, id, tabs[1]))
  })
  const say = (process: Process, messageId: string, text: string): Promise<unknown> =>
    process.runs.start({ workflow: 'test', conversationId: CONVERSATION, messageId, text, visitor })
  act('say', 0, () => say(a, 'm1', 'Pay'))
  for (const delay of [2, 12]) {
    act('advance on a', delay, () => a.runs.tick())
    act('advance on b', delay, () => b.runs.tick())
  }
  act('cancel', incidents.cancel, () => b.runs.cancel(CONVERSATION, visitor))
  act('newer message', incidents.newerMessage, () => say(b, 'm2', 'Other'))
  act('pause', incidents.pause, () => runtime.advance(10_000))
  act('expiry', incidents.expiry, () => runtime.advance(3_600_000))
  const rest = (): Promise<void> => drain(scheduler, { isIdle, atOnce })
  await rest()
  stopWatching()
  await comeToRest({ store, runtime, last: spawn('c'), drain: rest })
  return { ...(await readAftermath(store, runtime, CONVERSATION)), effects, answers }
}

interface Own {
  readonly process: { isAlive: boolean }
  readonly scheduler: StepScheduler
  readonly effects: string[]
}

/** Every transaction waits for its turn; the fatal one happens or does not, and its process never hears of it. */
function door(store: Store, { process, scheduler, crashAt }: Own & { crashAt: Incidents['crashAt'] | undefined }): Store {
  let count = 0
  return doorTo(store, async (name, commit) => {
    await turn({ process, scheduler }, name)
    count += 1
    if (count !== crashAt?.transaction) return commit()
    process.isAlive = false
    if (crashAt.after) await commit()
    return never
  })
}

/** Waits for its turn; a dead process never gets one. */
async function turn({ process, scheduler }: Pick<Own, 'process' | 'scheduler'>, label: string): Promise<void> {
  if (!process.isAlive) await never
  await scheduler.schedule(Promise.resolve(), label)
  if (!process.isAlive) await never
}

function tools(own: Own): readonly Tool[] {
  const make = (name: string, risk: 'low' | 'high', pauses: number): Tool =>
    defineTool({
      name,
      description: name,
      input: z.object({}),
      risk,
      execute: async (_input, { callId }) => {
        for (let pause = 0; pause < pauses; pause += 1) await turn(own, `${name} works`)
        own.effects.push(`${name} ${callId}`)
        await turn(own, `${name} returns`)
        return name
      },
    })
  return [make('slow', 'low', 3), make('pay', 'high', 0)]
}

function model(own: Own): ReturnType<typeof scriptedModel> {
  const script = scriptedModel((messages) => {
    const last = messages.at(-1)
    return last?.role === 'user' && last.text === 'Pay' ? [{ call: 'slow' }, { call: 'pay' }] : ['Done.']
  })
  return {
    ...script,
    async *stream(request) {
      await turn(own, 'model')
      yield* script.stream(request)
    },
  }
}

/** Like open browsers: tells of each question once, as it appears. */
function watchQuestions(stores: readonly Store[], onQuestion: (id: string, place: string) => void): () => void {
  const known = new Set<string>()
  const look = async (store: Store): Promise<void> => {
    for (const { id, place } of await pending(store)) {
      if (!known.has(id)) onQuestion(id, place)
      known.add(id)
    }
  }
  const stops = [...new Set(stores)].map((store) => store.subscribe('conversation', () => void look(store)))
  return () => {
    for (const stop of stops) stop()
  }
}

async function stepsLater(scheduler: StepScheduler, name: string, count: number): Promise<void> {
  for (let step = 0; step <= count; step += 1) await scheduler.schedule(Promise.resolve(), name)
}

async function pending(store: Store): Promise<readonly InteractionRow[]> {
  return store.transact('look', (transaction) => transaction.find('interactions', { state: 'pending' }))
}

/** Stores that know whether a transaction is under way: a real one takes turns of the event loop. */
function watched<K extends string>(inner: Record<K, Store>): { stores: Record<K, Store>; isIdle: () => boolean } {
  let underWay = 0
  const watch = (store: Store): Store =>
    doorTo(store, async (_name, commit) => {
      underWay += 1
      try {
        return await commit()
      } finally {
        underWay -= 1
      }
    })
  const doors = new Map(Object.values<Store>(inner).map((store) => [store, watch(store)]))
  const stores = Object.fromEntries(Object.entries<Store>(inner).map(([name, store]) => [name, doors.get(store)])) as Record<K, Store>
  return { stores, isIdle: () => underWay === 0 }
}

async function drain(scheduler: StepScheduler, { isIdle, atOnce }: { isIdle: () => boolean; atOnce: number }): Promise<void> {
  const atRest = async (): Promise<void> => {
    do await settled()
    while (!isIdle())
  }
  await atRest()
  for (let steps = 0; scheduler.count() > 0; steps += 1) {
    if (steps > 5_000) throw new Error('the story does not come to an end')
    for (let step = 0; step < atOnce && scheduler.count() > 0; step += 1) await scheduler.waitOne()
    await atRest()
  }
}

/** Nobody acts any more; the last process looks after what is due, and a patient person answers what is asked: approve, but leave what may have run. */
async function comeToRest(rest: { store: Store; runtime: VirtualRuntime; last: Process; drain: () => Promise<void> }): Promise<void> {
  const { store, runtime, last } = rest
  for (let round = 0; round < 6; round += 1) {
    await runtime.advance(5_000)
    void last.runs.tick()
    await rest.drain()
    for (const { id, place } of await pending(store)) {
      void last.runs.answer(id, { action: 'accept', answer: place === 'approval' ? 'approve' : 'leave' }, visitor)
      await rest.drain()
    }
  }
}
