import { type AuditFinding, Runs, type Runtime, type Store, memoryStore, silentLog, systemRuntime, verifyAudit } from '@countersign/core'
import {
  createWorld,
  gate,
  paths,
  people,
  scriptedModel,
  settled,
  signInWorld,
  tokenBody,
  until,
  virtualRuntime,
  type VirtualRuntime,
} from '@countersign/core/testing'
import { defineTool, openPostgresStore, openSqliteStore, z } from '@countersign/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Sessions } from '../../packages/server/src/identity/sessions.ts'
import { createDatabase } from '../../tools/postgres-cluster.mjs'

const HOUR_MS = 3_600_000

/** A process's clock that somebody sets. What waits for a while is not touched by it, as on any machine. */
interface Clock {
  readonly runtime: VirtualRuntime
  readonly jump: (ms: number) => void
}

function clock(): Clock {
  let offsetMs = 0
  const runtime = virtualRuntime()
  return {
    runtime: { ...runtime, now: () => runtime.now() + offsetMs },
    jump: (ms) => {
      offsetMs += ms
    },
  }
}

/** On the first two the database's clock is the process's; PostgreSQL has its own. */
const stores: Readonly<Record<string, (runtime: Runtime) => Promise<Store>>> = {
  memory: async (runtime) => memoryStore(runtime),
  SQLite: (runtime) => openSqliteStore({ file: ':memory:', runtime: { ...systemRuntime(), now: () => runtime.now() } }),
  PostgreSQL: async () => openPostgresStore({ url: await createDatabase(), runtime: systemRuntime() }),
}

describe.each(Object.entries(stores))('a clock that is set, on %s', (_name, open) => {
  test('backwards: a question lives on, and is answered', async () => {
    const { world, jump, entries } = await askingWorld(open)
    jump(-HOUR_MS)
    await world.runs.tick()
    expect(await world.openQuestions()).toHaveLength(1)
    await answered(world)
    expect(entries()).toBe(1)
    expect(await brokenChains(world.store)).toEqual([])
  })

  test('ahead for less than its deadline, and back: a question lives on, and is answered', async () => {
    const { world, jump, entries } = await askingWorld(open)
    jump(10 * 60_000)
    await world.runs.tick()
    jump(-10 * 60_000)
    await world.runs.tick()
    expect(await world.openQuestions()).toHaveLength(1)
    await answered(world)
    expect(entries()).toBe(1)
  })

  test('ahead beyond its deadline: a question is expired, and stays so when the clock is set back', async () => {
    const { world, jump, entries } = await askingWorld(open)
    jump(HOUR_MS)
    await world.runs.tick()
    jump(-HOUR_MS)
    await ended(world.store)
    expect(entries()).toBe(0)
    const closed = (await world.events()).flatMap((event) => (event.type === 'interaction-close' ? [event.state] : []))
    expect(closed).toEqual(['expired'])
    expect(await brokenChains(world.store)).toEqual([])
  })

  test.each([HOUR_MS, -HOUR_MS])('by %i ms while a tool executes: its process keeps the run, and the tool is entered once', async (ms) => {
    const { runtime, jump } = clock()
    const store = await opened(open, runtime)
    const [entered, enough] = [gate(), gate()]
    let entries = 0
    const tool = defineTool({
      name: 'work',
      description: 'Works.',
      input: z.object({}),
      idempotent: true,
      async execute(_input, { signal }) {
        entries += 1
        entered.open()
        await enough.opened
        signal.throwIfAborted()
        return 'worked'
      },
    })
    const world = createWorld({ runtime, store, tools: [tool], model: scriptedModel([[{ call: 'work' }], ['Done.']]) })
    await world.say('Go')
    await entered.opened
    jump(ms)
    await world.runs.tick()
    enough.open()
    expect(await ended(store)).toEqual(['done'])
    expect(entries).toBe(1)
  })

  test('ahead, and back after a process died: what it held is taken up', async () => {
    const { runtime, jump } = clock()
    const store = await opened(open, runtime)
    const entered = gate()
    let entries = 0
    const tool = defineTool({
      name: 'work',
      description: 'Works.',
      input: z.object({}),
      idempotent: true,
      execute: async () => {
        entries += 1
        entered.open()
        return entries === 1 ? new Promise<never>(() => undefined) : 'worked'
      },
    })
    const world = createWorld({
      runtime,
      store,
      tools: [tool],
      limits: { leaseMs: 300 },
      model: scriptedModel([[{ call: 'work' }], ['Done.']]),
    })
    jump(HOUR_MS)
    const runId = await world.say('Go')
    await entered.opened
    void world.runs.stop(0)
    await runtime.advance(0)
    jump(-HOUR_MS)
    const next = world.process('process-2')
    const state = async (): Promise<string> => {
      await next.tick()
      return (await world.run(runId)).state
    }
    await expect.poll(state, { timeout: 10_000 }).toBe('done')
    expect(entries).toBe(2)
  })

  test('back after a browser came: its session is not ended', async () => {
    const { runtime, jump } = clock()
    const store = await opened(open, runtime)
    const sessions = new Sessions({ store, runtime, keys: () => [{ id: 'k1', bytes: new Uint8Array(32) }] })
    const { cookie, visitor } = await sessions.open('a browser')
    for (const ms of [HOUR_MS, -2 * HOUR_MS, HOUR_MS]) {
      jump(ms)
      expect(await sessions.takeUnused()).toEqual([])
      expect(await sessions.find(cookie)).toEqual(visitor)
    }
  })
})

test('a server whose clock is an hour ahead does not cut off what another one has on its way to be redeemed', async () => {
  const store = await openPostgresStore({ url: await createDatabase(), runtime: { ...systemRuntime(), log: silentLog } })
  onTestFinished(() => store.close())
  const world = signInWorld({ store })
  const [process, other] = [world.spawn('one'), world.spawn('other')]
  const ahead = new Runs({ ...other.deps, runtime: { ...other.deps.runtime, now: () => world.runtime.now() + 9 * 60_000 } })
  const redeemed = gate()
  world.server.script[paths.token] = async () => {
    await redeemed.opened
    return Response.json(tokenBody())
  }
  const runId = await world.say(process, people.ada)
  const asked = world.server.arrival(paths.token)
  const signedIn = world.signIn(process, people.ada)
  await asked
  await ahead.tick()
  redeemed.open()
  await signedIn
  expect((await world.ended(runId)).state).toBe('done')
  expect((await world.rows('authorizations')).map(({ state }) => state)).toEqual(['granted'])
})

async function opened(open: (runtime: Runtime) => Promise<Store>, runtime: Runtime): Promise<Store> {
  const store = await open(runtime)
  onTestFinished(() => store.close())
  return store
}

/** Somebody is asked whether a risky tool may run; the question lives for a quarter of an hour. */
async function askingWorld(open: (runtime: Runtime) => Promise<Store>) {
  const { runtime, jump } = clock()
  const store = await opened(open, runtime)
  let entries = 0
  const tool = defineTool({
    name: 'pay',
    description: 'Pays.',
    input: z.object({}),
    risk: 'high',
    execute: async () => {
      entries += 1
      return 'paid'
    },
  })
  const world = createWorld({ runtime, store, tools: [tool], model: scriptedModel([[{ call: 'pay' }], ['Done.']]) })
  await world.say('Go')
  await until(store, async () => (await world.openQuestions())[0])
  return { world, jump, entries: () => entries }
}

async function answered(world: ReturnType<typeof createWorld>): Promise<void> {
  expect(await world.answer({ action: 'accept', answer: 'approve' })).toEqual({ outcome: 'settled' })
  expect(await ended(world.store)).toEqual(['done'])
}

/** How the runs ended, once all have. */
async function ended(store: Store): Promise<readonly string[]> {
  const states = await until(store, async () => {
    const runs = await store.transact('look', (transaction) => transaction.find('runs', {}))
    return runs.every(({ endedAt }) => endedAt !== null) ? runs.map(({ state }) => state) : undefined
  })
  await settled()
  return states
}

async function brokenChains(store: Store): Promise<readonly AuditFinding[]> {
  const found: AuditFinding[] = []
  // No checkpoint was signed yet.
  const signer = { verify: () => 'good' as const }
  await verifyAudit({ store, runtime: systemRuntime(), signer, report: (finding) => void found.push(finding) })
  return found
}
