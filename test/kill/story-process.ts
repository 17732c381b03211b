import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Consents, DEFAULT_RUN_LIMITS, type Log, Runs, type Store, providerOf, silentLog } from '@countersign/core'
import { doorTo, readAftermath, runDeps } from '@countersign/core/testing'
import { nodeRuntime } from '../../packages/server/src/runtime/node-runtime.ts'
import { startScheduler } from '../../packages/server/src/scheduler/scheduler.ts'
import { openSqliteStore } from '../../packages/server/src/store/sqlite-store.ts'
import { AuthorizationServer } from './authorization-server.ts'
import { Browser } from './browser.ts'
import { OutsideWorld } from './outside-world.ts'
import type { Ending } from './ending.ts'
import { livePatiently } from './person.ts'
import { Points } from './points.ts'
import { CONVERSATION, type StoryName, type Takeover } from './story.ts'
import { storyWorkflow } from './story-workflow.ts'

/** `node story-process.js STORY FOLDER play [POINT]`, or `… release`, `… lease`: one life of a server, whose rows and effects stay in the folder. */
const [story, folder, how, fatal] = process.argv.slice(2) as [StoryName, string, 'play' | Takeover, string | undefined]
/** Nothing else keeps the process alive while it waits, and nothing else ends it when the wait has no end. */
const deadline = setTimeout(() => process.exit(3), 20_000)
const points = new Points(fatal)
const outside = new OutsideWorld(folder, points)
const errors: string[] = []
const note = (message: string, facts: object = {}): void => void errors.push(`${message} ${JSON.stringify(facts)}`)
const log: Log = { ...silentLog, error: note }
const system = nodeRuntime(log)
const server = new AuthorizationServer(system, outside)
const runtime = { ...system, fetch: server.api }

const store = await openSqliteStore({ file: join(folder, 'story.db'), runtime })
const passed = new Set<string>()
const waiting = new Set<() => void>()
const door = doorTo(store, async (name, commit) => {
  // How often a lease is renewed is a matter of the machine: the first time, which the slow tool waits for, stands for all.
  const isPoint = name !== 'renew' || (slowWaitsFor().includes(name) && !passed.has(name))
  if (isPoint) points.pass(`before commit of ${name}`)
  const value = await commit()
  if (isPoint) points.pass(`after commit of ${name}`)
  passed.add(name)
  for (const look of waiting) look()
  return value
})

const parts = storyWorkflow({ story, runtime, points, outside, providers: server.providers, slowUntil: () => until(slowWaitsFor()) })
// What the first life leaves behind is soon due; the second is not hurried.
const limits = {
  ...DEFAULT_RUN_LIMITS,
  deltaGatherMs: 5,
  ...(how === 'play' && { leaseMs: 300, exchangeDeadlineMs: 300, pollDeadlineMs: 300 }),
}
const deps = runDeps({ ...parts, limits }, { runtime, store: door, owner: runtime.id() })
const runs = new Runs(deps)
const providers = parts.providers ?? new Map()
const consents = new Consents({ ...deps, exchangeDeadlineMs: limits.exchangeDeadlineMs, provider: (name) => providerOf(providers, name) })
const browser = new Browser(folder)
if (how === 'release') await runs.releaseAll()
// The server's own scheduler, twenty times as fast.
const stopScheduler =
  how === 'play' ? async () => undefined : startScheduler(runs, { ...runtime, timer: (delayMs, work) => runtime.timer(delayMs / 20, work) })
const answers = await livePatiently({ store, runs, consents, server, browser, isSlowToAnswer: story === 'idempotent' })
await stopScheduler()
await runs.stop(1_000)
writeFileSync(join(folder, 'ending.json'), JSON.stringify(await readEnding(store)))
await store.close()
clearTimeout(deadline)

async function readEnding(from: Store): Promise<Ending> {
  const seen = await readAftermath(from, runtime, CONVERSATION)
  const authorizations = await from.transact('read', (transaction) => transaction.find('authorizations', {}, { orderBy: 'createdAt' }))
  return { ...seen, answers, authorizations, errors }
}

/** In its first life the slow tool outlasts a renewal of the lease and, where the person is quick, the answer to its sibling's question. */
function slowWaitsFor(): readonly string[] {
  if (how !== 'play') return []
  return { approval: ['renew', 'answer'], idempotent: ['renew'], 'sign-in': [], phone: [] }[story]
}

function until(names: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!names.every((name) => passed.has(name))) return
      waiting.delete(look)
      resolve()
    }
    waiting.add(look)
    look()
  })
}
