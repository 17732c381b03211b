import { BoundedLogs, defineTool, type LoggedEvent, memoryStore, type Store, systemRuntime } from '@countersign/core'
import { CONVERSATION, createWorld, virtualRuntime, type World } from '@countersign/core/testing'
import { openPostgresStore, openSqliteStore } from '@countersign/server'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createDatabase } from '../tools/postgres-cluster.mjs'
import { ConversationFollower } from '../packages/server/src/transports/conversation-follower.ts'
import { logFrames } from '../packages/server/src/transports/log-frames.ts'
import { type ChatState, emptyChat } from '../packages/ui/src/client/chat-state.ts'
import { reduce } from '../packages/ui/src/client/reducer.ts'

/** How long the model takes for a word, and what is gathered into one event, milliseconds. */
const WORD_MS = 10
const STEP_MS = 25

/** What a person does in one turn. */
type Doing =
  | { readonly kind: 'listen'; readonly words: number }
  | { readonly kind: 'pay'; readonly answer: 'approve' | 'deny' }
  | { readonly kind: 'stop'; readonly afterMs: number }

const doing: fc.Arbitrary<Doing> = fc.oneof(
  fc.record({ kind: fc.constant('listen' as const), words: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('pay' as const), answer: fc.constantFrom('approve', 'deny') }),
  fc.record({ kind: fc.constant('stop' as const), afterMs: fc.integer({ min: 0, max: 200 }) }),
)

const story = fc.record({
  doings: fc.array(doing, { minLength: 1, maxLength: 8 }),
  maxEvents: fc.integer({ min: 8, max: 200 }),
  /** Where clients were cut off, as parts of the log. */
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 5 }),
})

const listening = (times: number): Doing[] => Array.from({ length: times }, () => ({ kind: 'listen', words: 40 }))
/** A log that is shortened, and one that only loses what is said again. */
const examples: [{ doings: Doing[]; maxEvents: number; cuts: number[] }][] = [
  [{ doings: listening(6), maxEvents: 12, cuts: [0, 0.3, 0.9] }],
  [{ doings: listening(5), maxEvents: 200, cuts: [0, 0.3, 0.9] }],
]

test.each([
  ['memory', 40, async () => memoryStore(virtualRuntime())],
  ['SQLite', 40, () => openSqliteStore({ file: ':memory:', runtime: virtualRuntime() })],
  ['PostgreSQL', 5, async () => openPostgresStore({ url: await createDatabase(), runtime: systemRuntime(), maxConnections: 2 })],
] as const)(
  'wherever a client was cut off, and whatever the log in %s has lost since, it shows what a new one shows',
  async (_name, numRuns, open) => {
    const seen = { isShortened: 0, isThinned: 0 }
    await fc.assert(
      fc.asyncProperty(story, async ({ doings, maxEvents, cuts }) => {
        const store = await open()
        const world = createWorld({ model: talker(() => world), tools: [pay], store })
        const log = recordLog(store)
        await play(world, doings, new BoundedLogs({ store, runtime: world.runtime }, maxEvents))
        const whole = told(log)
        const fresh = await comeBack(store, emptyChat(CONVERSATION))
        expect(fresh.turns).toEqual(whole.turns.slice(whole.turns.length - fresh.turns.length))
        expect(fresh.isShortened).toBe(fresh.turns.length < whole.turns.length)
        const kept = await keptEvents(store)
        const older = kept.filter(({ event }) => event.runId !== whole.turns.at(-1)?.runId)
        expect(older.length).toBeLessThanOrEqual(maxEvents * 1.25)
        if (fresh.isShortened) seen.isShortened += 1
        else if (kept.length < log.length) seen.isThinned += 1
        for (const cut of cuts) {
          const back = await comeBack(store, told(log.slice(0, Math.round(cut * log.length))))
          expect(back.turns).toEqual(back.isShortened ? fresh.turns : whole.turns)
          expect(back).toMatchObject({ lastSeq: log.length, hasGap: false, isCaughtUp: true })
        }
        await store.close()
      }),
      { numRuns, examples },
    )
    expect(Math.min(seen.isShortened, seen.isThinned)).toBeGreaterThan(0)
  },
  30_000,
)

const pay = defineTool({
  name: 'pay',
  description: 'Pays.',
  input: z.object({}),
  risk: 'high',
  execute: async () => ({ paid: true }),
})

/** Says as many words as it is told to, one after another, and pays when told to. */
function talker(world: () => World): Parameters<typeof createWorld>[0]['model'] {
  return {
    name: 'talker',
    async *stream({ messages }) {
      const last = messages.at(-1)
      const said = last?.role === 'user' ? last.text : '3'
      for (let word = 1; word <= (Number(said) || 2); word += 1) {
        yield { type: 'text', text: `word ${word} ` }
        await world().runtime.sleep(WORD_MS)
      }
      if (said === 'pay') yield { type: 'call', tool: 'pay', input: {} }
    },
  }
}

/** All that was ever logged, also what is removed later. */
function recordLog(store: Store): readonly LoggedEvent[] {
  const log: LoggedEvent[] = []
  store.subscribe('conversation', (_id, appended) => log.push(...(appended ?? [])))
  return log
}

function keptEvents(store: Store): Promise<readonly LoggedEvent[]> {
  return store.transact('kept', (transaction) => transaction.find('events', { conversationId: CONVERSATION }))
}

async function play(world: World, doings: readonly Doing[], logs: BoundedLogs): Promise<void> {
  for (const each of doings) {
    const runId = await world.say(each.kind === 'listen' ? String(each.words) : each.kind === 'pay' ? 'pay' : '40')
    if (each.kind === 'stop') {
      await world.runtime.advance(each.afterMs)
      await world.runs.cancel(CONVERSATION, world.ada)
    }
    let state = 'ready'
    while (!['done', 'failed', 'cancelled'].includes(state)) {
      await world.runtime.advance(STEP_MS)
      await logs.trim()
      state = (await world.run(runId)).state
      if (state === 'waiting' && each.kind === 'pay') await world.answer({ action: 'accept', answer: each.answer })
    }
  }
  await logs.trim()
}

/** What a client shows that was told this much of the log, while it happened. */
function told(log: readonly LoggedEvent[]): ChatState {
  return log.reduce<ChatState>((state, event) => {
    const { seq, at, event: what } = event
    return reduce(state, { type: 'frame', frame: { type: 'event_message', conversation_id: CONVERSATION, seq, at, event: what } })
  }, emptyChat(CONVERSATION))
}

/** What it shows once it is back. */
async function comeBack(store: Store, before: ChatState): Promise<ChatState> {
  let state = reduce(before, { type: 'reconnect' })
  const { deliver, skip } = logFrames(CONVERSATION, (frame) => {
    state = reduce(state, { type: 'frame', frame })
  })
  const follower = new ConversationFollower(store, { conversationId: CONVERSATION, seq: before.lastSeq }, { deliver, skip })
  await follower.read()
  follower.stop()
  return reduce(state, { type: 'frame', frame: { type: 'caught_up_message', conversation_id: CONVERSATION, seq: follower.seq } })
}
