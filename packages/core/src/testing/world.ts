import type { AuthProvider } from '../auth/auth-provider.ts'
import { createSealer } from '../auth/sealer.ts'
import { TokenVault } from '../auth/token-vault.ts'
import type { Policy } from '../policy/policy.ts'
import type { Visitor } from '../interaction/asker.ts'
import type { InteractionResponse, InteractionView } from '../protocol/interaction.ts'
import type { RunEvent } from '../protocol/run-event.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Model } from '../run/model.ts'
import { DEFAULT_RUN_LIMITS, type RunDeps, type RunLimits } from '../run/run-deps.ts'
import { Runs } from '../run/runs.ts'
import { defineWorkflow } from '../run/workflow.ts'
import { memoryStore } from '../store/memory-store.ts'
import type { RunRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'
import type { Tool } from '../tool/tool.ts'
import { testReceipts } from './test-receipts.ts'
import { type VirtualRuntime, virtualRuntime } from './virtual-runtime.ts'

/** What a test of runs is made of; everything has a default. */
export interface WorldParts {
  readonly model: Model
  readonly tools?: readonly Tool[]
  readonly providers?: ReadonlyMap<string, AuthProvider>
  readonly policy?: Policy
  readonly store?: Store
  readonly runtime?: VirtualRuntime
  readonly limits?: Partial<RunLimits>
  readonly maxHistory?: number
}

/** One process with one workflow and one anonymous person in front of it, in virtual time. */
export interface World {
  readonly runtime: VirtualRuntime
  readonly store: Store
  readonly runs: Runs
  readonly deps: RunDeps
  readonly ada: Visitor
  /** Another process on the same store. */
  process(owner: string): Runs
  say(text: string, messageId?: string): Promise<string>
  events(): Promise<readonly RunEvent[]>
  openQuestions(): Promise<readonly InteractionView[]>
  /** Answers the only open question. */
  answer(response: InteractionResponse): Promise<unknown>
  run(runId: string): Promise<RunRow>
  /** The text of all finished replies. */
  replies(): Promise<readonly string[]>
}

export const CONVERSATION = 'conversation-1'

/** Sets up a world. */
export function createWorld(parts: WorldParts): World {
  const runtime = parts.runtime ?? virtualRuntime()
  const store = parts.store ?? memoryStore(runtime)
  const deps = runDeps(parts, { runtime, store, owner: 'process-1' })
  const runs = new Runs(deps)
  const ada: Visitor = { principal: { id: 'anonymous:ada', kind: 'anonymous', roles: [] }, sessionId: 'session-ada' }
  const events = async (): Promise<readonly RunEvent[]> => {
    const rows = await store.transact('events', (transaction) =>
      transaction.find('events', { conversationId: CONVERSATION }, { orderBy: 'seq' }),
    )
    return rows.map((row) => row.event)
  }
  const openQuestions = async (): Promise<readonly InteractionView[]> => {
    const open = new Map<string, InteractionView>()
    for (const event of await events()) {
      if (event.type === 'interaction-open' && event.interaction.state === 'pending') open.set(event.interaction.id, event.interaction)
      if (event.type === 'interaction-close') open.delete(event.interactionId)
    }
    return [...open.values()]
  }
  return {
    runtime,
    store,
    runs,
    deps,
    ada,
    process: (owner) => new Runs(runDeps(parts, { runtime, store, owner })),
    async say(text, messageId = runtime.id()) {
      const started = await runs.start({ workflow: 'test', conversationId: CONVERSATION, messageId, text, visitor: ada })
      return started.runId
    },
    events,
    openQuestions,
    async answer(response) {
      const [question, ...others] = await openQuestions()
      if (!question || others.length > 0) throw new Error(`expected one open question, found ${others.length + (question ? 1 : 0)}`)
      return runs.answer(question.id, response, ada)
    },
    async run(runId) {
      const row = await store.transact('run', (transaction) => transaction.get('runs', { id: runId }))
      if (!row) throw new Error(`no run "${runId}"`)
      return row
    },
    async replies() {
      return (await events()).flatMap((event) => (event.type === 'reply-end' ? [event.text] : []))
    },
  }
}

/** The dependencies of one process. */
export function runDeps(parts: WorldParts, at: { runtime: Runtime; store: Store; owner: string }): RunDeps {
  const { runtime, store, owner } = at
  const sealer = createSealer([{ id: 'k1', bytes: new Uint8Array(32).fill(7) }], runtime)
  const { model, tools = [], providers = new Map(), policy, maxHistory } = parts
  const workflow = defineWorkflow(
    { name: 'test', model, tools, providers, ...(policy && { policy }), ...(maxHistory && { maxHistory }) },
    runtime,
  )
  return {
    store,
    runtime,
    sealer,
    vault: new TokenVault({ store, runtime, sealer }),
    receipts: testReceipts(runtime),
    owner,
    workflow: () => workflow,
    startUrl: (id) => `http://localhost:8000/auth/start/${id}`,
    redirectUri: 'http://localhost:8000/auth/redirect',
    limits: { ...DEFAULT_RUN_LIMITS, ...parts.limits },
  }
}
