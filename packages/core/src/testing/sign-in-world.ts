import { z } from 'zod'
import { Consents } from '../auth/consents.ts'
import { type TokenVault, providerOf } from '../auth/token-vault.ts'
import type { Visitor } from '../interaction/asker.ts'
import type { InteractionView } from '../protocol/interaction.ts'
import type { JsonValue } from '../protocol/json.ts'
import type { RunEvent } from '../protocol/run-event.ts'
import { type HostileServer, hostileServer } from '../providers/hostile-server.ts'
import { hostileProvider } from '../providers/hostile-sign-in.ts'
import type { Model } from '../run/model.ts'
import type { RunDeps, RunLimits } from '../run/run-deps.ts'
import { Runs } from '../run/runs.ts'
import type { Fetch } from '../runtime/runtime.ts'
import { memoryStore } from '../store/memory-store.ts'
import type { Rows, RunRow, TableName } from '../store/rows.ts'
import type { Store } from '../store/store.ts'
import { type Tool, type ToolContext, defineTool } from '../tool/tool.ts'
import { conversationOf } from './people.ts'
import { type ScriptedModel, scriptedModel } from './scripted-model.ts'
import { until } from './until.ts'
import { type VirtualRuntime, virtualRuntime } from './virtual-runtime.ts'
import { runDeps } from './world.ts'

/** The API that the calendar tool asks. */
export const API = 'https://api.example'

/** One process: what a server has of it. */
export interface SignInProcess {
  readonly runs: Runs
  readonly consents: Consents
  readonly vault: TokenVault
  readonly deps: RunDeps
}

/** Sign-ins as they happen: people, a tool behind an API, an authorization server with scripts, processes on one store, virtual time. */
export interface SignInWorld {
  readonly runtime: VirtualRuntime
  readonly store: Store
  readonly server: HostileServer
  readonly model: ScriptedModel
  /** What the API answers; a test writes here. */
  readonly api: { answer: (request: Request) => Response | Promise<Response>; readonly tokens: string[] }
  /** Another process; `door` and `network` are its own ways to the store and out. */
  spawn(owner: string, ways?: { door?: (store: Store) => Store; network?: (fetch: Fetch) => Fetch }): SignInProcess
  /** A person asks a process what is on today; the same message may be sent again. @returns the run's id */
  say(process: SignInProcess, visitor: Visitor, messageId?: string): Promise<string>
  /** The person's only open question, once there is one. */
  question(visitor: Visitor): Promise<InteractionView>
  /** Opens the sign-in, agrees at the authorization server, and is sent back: the callback's address and what the browser keeps. */
  agree(process: SignInProcess, visitor: Visitor, flow?: string): Promise<{ readonly url: URL; readonly flow: string }>
  /** A whole sign-in. */
  signIn(process: SignInProcess, visitor: Visitor): Promise<void>
  /** The run, once it has ended. */
  ended(runId: string): Promise<RunRow>
  events(visitor: Visitor): Promise<readonly RunEvent[]>
  rows<T extends TableName>(table: T): Promise<readonly Rows[T][]>
  /** What the model was told of the last call. */
  told(): unknown
}

export interface SignInWorldParts {
  readonly server?: HostileServer
  /** The way to the authorization server; default: it is asked directly. */
  readonly network?: Fetch
  readonly store?: Store
  readonly model?: Model
  readonly limits?: Partial<RunLimits>
  /** Parts of the calendar tool that differ from the usual. */
  readonly tool?: Partial<Tool>
}

/** @param parts whatever differs from a well-behaved world */
export function signInWorld(parts: SignInWorldParts = {}): SignInWorld {
  const server = parts.server ?? hostileServer('https://login.example')
  const network: Fetch = parts.network ?? ((input, init) => server.answer(new Request(input, init)))
  const api: SignInWorld['api'] = { answer: () => Response.json({ meetings: 2 }), tokens: [] }
  const route: Fetch = async (input, init) => {
    const request = new Request(input, init)
    if (new URL(request.url).origin !== API) return network(input, init)
    api.tokens.push(request.headers.get('authorization')?.replace('Bearer ', '') ?? '')
    return api.answer(request)
  }
  const runtime = virtualRuntime({ fetch: route })
  const store = parts.store ?? memoryStore(runtime)
  const model = scriptedModel((messages) => (messages.at(-1)?.role === 'user' ? [{ call: 'calendar' }] : ['Two meetings.']))
  const rows: SignInWorld['rows'] = (table) => store.transact('rows', (transaction) => transaction.find(table, {}))
  const events: SignInWorld['events'] = async (visitor) => {
    const all = await store.transact('events', (transaction) =>
      transaction.find('events', { conversationId: conversationOf(visitor) }, { orderBy: 'seq' }),
    )
    return all.map((row) => row.event)
  }
  let codes = 0
  const world: SignInWorld = {
    runtime,
    store,
    server,
    model,
    api,
    rows,
    events,
    spawn(owner, { door = (all: Store): Store => all, network: way = (fetch: Fetch): Fetch => fetch } = {}) {
      const providers = new Map([['hostile', hostileProvider({ server })]])
      const shared = {
        model: parts.model ?? model,
        tools: [calendar(parts.tool)],
        providers,
        ...(parts.limits && { limits: parts.limits }),
      }
      const deps = runDeps(shared, { runtime: { ...runtime, fetch: way(route) }, store: door(store), owner })
      const { exchangeDeadlineMs } = deps.limits
      const consents = new Consents({ ...deps, provider: (name) => providerOf(providers, name), exchangeDeadlineMs })
      return { deps, vault: deps.vault, runs: new Runs(deps), consents }
    },
    async say(process, visitor, messageId = runtime.id()) {
      const conversationId = conversationOf(visitor)
      const message = { workflow: 'test', conversationId, messageId, text: 'What is on today?', visitor }
      return (await process.runs.start(message)).runId
    },
    question: (visitor) => until(store, async () => openQuestion(await events(visitor))),
    async agree(process, visitor, flow) {
      const { id } = await world.question(visitor)
      const opened = await process.consents.open(id, [visitor], flow)
      if (opened.outcome !== 'redirect') throw new Error(`the sign-in was not opened: ${JSON.stringify(opened)}`)
      const state = new URL(opened.url).searchParams.get('state') ?? ''
      const url = new URL(process.deps.redirectUri)
      url.search = new URLSearchParams({ code: `code-${(codes += 1)}`, state, iss: server.issuer }).toString()
      return { url, flow: opened.flow }
    },
    async signIn(process, visitor) {
      const { url, flow } = await world.agree(process, visitor)
      const { outcome } = await process.consents.finish(url, [flow], [visitor])
      if (outcome !== 'granted') throw new Error(`the sign-in was not granted but ${outcome}`)
    },
    ended: (runId) =>
      until(store, async () => {
        const run = (await rows('runs')).find(({ id }) => id === runId)
        return run?.endedAt == null ? undefined : run
      }),
    told() {
      const last = model.requests.at(-1)?.at(-1)
      return last?.role === 'tool' ? last.results.map(({ status, output }) => ({ status, output })) : last
    },
  }
  return world
}

function calendar(parts: Partial<Tool> = {}): Tool {
  return defineTool({
    name: 'calendar',
    description: 'Tells what is on today.',
    input: z.object({}),
    auth: { provider: 'hostile', scopes: ['read'] },
    idempotent: true,
    async execute(_input: unknown, { fetch }: ToolContext): Promise<JsonValue> {
      const response = await fetch(`${API}/today`)
      return { status: response.status, said: await response.text() }
    },
    ...parts,
  })
}

function openQuestion(events: readonly RunEvent[]): InteractionView | undefined {
  const closed = new Set(events.flatMap((event) => (event.type === 'interaction-close' ? [event.interactionId] : [])))
  return events
    .flatMap((event) => (event.type === 'interaction-open' && !closed.has(event.interaction.id) ? [event.interaction] : []))
    .at(-1)
}
