import {
  type AuthProvider,
  defineTool,
  memoryStore,
  type Rows,
  Runs,
  type Store,
  type TableName,
  type VaultAnswer,
  type Visitor,
} from '@countersign/core'
import { providers } from '@countersign/core/providers'
import {
  type HostileServer,
  hostileServer,
  type Mortal,
  paths,
  runDeps,
  scriptedModel,
  tokenBody,
  virtualRuntime,
} from '@countersign/core/testing'
import { z } from 'zod'

/** How many calls one message leads to. */
export const CALLS = 25

type RunDeps = ReturnType<typeof runDeps>

/** One process of a server. */
export interface ServerProcess {
  readonly deps: RunDeps
  readonly runs: Runs
}

type Ways = Pick<Mortal, 'door' | 'network'>

const API = 'https://api.example'

/** An API that only the robot itself may use, a tool that everybody may call, and processes on one database. */
export function robotWorld(stores?: readonly [Store, Store]) {
  const server = hostileServer('https://login.example')
  let issued = 0
  server.script[paths.token] = (form) =>
    Response.json(tokenBody({ access_token: `service-${(issued += 1)}`, refresh_token: undefined, scope: form.get('scope') }))
  const tokens: string[] = []
  const api = { answer: (): Response => new Response('well') }
  const runtime = virtualRuntime({
    fetch: async (input, init) => {
      const request = new Request(input, init)
      if (new URL(request.url).origin !== API) return server.answer(request)
      tokens.push(request.headers.get('authorization')?.replace('Bearer ', '') ?? '')
      return api.answer()
    },
  })
  const [first, second] = stores ?? sharing(memoryStore(runtime))
  const calls = Array.from({ length: CALLS }, () => ({ call: 'payroll' }))
  const model = scriptedModel((messages) => (messages.at(-1)?.role === 'user' ? calls : ['Done.']))
  const spawn = (owner: string, store: Store, ways?: Ways): ServerProcess => {
    const own = { ...runtime, fetch: ways?.network(runtime.fetch) ?? runtime.fetch }
    const shared = { model, tools: [payroll()], providers: new Map([['robot', robot(server)]]) }
    const deps = runDeps(shared, { runtime: own, store: ways?.door(store) ?? store, owner })
    return { deps, runs: new Runs(deps) }
  }
  const rows = <T extends TableName>(table: T): Promise<readonly Rows[T][]> =>
    first.transact('rows', (transaction) => transaction.find(table, {}))
  let messages = 0
  return {
    runtime,
    server,
    api,
    /** Those that reached the API, in order. */
    tokens,
    provider: robot(server),
    a: spawn('a', first),
    b: spawn('b', second),
    /** A process with ways of its own to the store and out. */
    spawnWith: (ways: Ways) => spawn('c', first, ways),
    rows,
    /** A person says something to a process, which leads to many calls. @returns the run's id */
    async ask({ runs }: ServerProcess, visitor: Visitor): Promise<string> {
      const conversationId = `conversation-${(messages += 1)}`
      const { runId } = await runs.start({ workflow: 'test', conversationId, messageId: conversationId, text: 'Pay.', visitor })
      return runId
    },
    /** A process's vault is asked for the credential of the service, for a person. */
    vaultAsked({ deps }: ServerProcess, { principal }: Visitor): Promise<VaultAnswer> {
      const { runtime: at, redirectUri, vault } = deps
      const requirement = { provider: 'robot', scopes: ['read'] }
      return vault.fresh({ key: 'of the service', provider: robot(server), requirement, context: { runtime: at, principal, redirectUri } })
    },
    /** Lets time pass until runs have ended. */
    async ended(runIds: readonly string[]): Promise<void> {
      const areEnded = async (): Promise<boolean> =>
        (await rows('runs')).every(({ id, endedAt }) => !runIds.includes(id) || endedAt !== null)
      while (!(await areEnded())) await runtime.advance(10)
    },
    /** Lets time pass until work is done. */
    async passing<T>(work: Promise<T>): Promise<T> {
      const done = new AbortController()
      void Promise.allSettled([work]).then(() => done.abort())
      while (!done.signal.aborted) await runtime.advance(100)
      return work
    },
    /** What the model was told of the last calls, each answer once. */
    told(): readonly unknown[] {
      const last = model.requests.at(-1)?.at(-1)
      const results = last?.role === 'tool' ? last.results : []
      return [...new Set(results.map(({ status, output }) => JSON.stringify({ status, output })))].map((text): unknown => JSON.parse(text))
    },
  }
}

function sharing(store: Store): readonly [Store, Store] {
  return [store, store]
}

function robot(server: HostileServer): AuthProvider {
  const definition = providers.get('oauth2_client_credentials')
  const config = definition.config.parse({ client_id: 'robot', client_secret: 'robot-secret', issuer: server.issuer })
  return definition.create(config, { name: 'robot' })
}

function payroll() {
  return defineTool({
    name: 'payroll',
    description: 'Looks into the payroll.',
    input: z.object({}),
    auth: { provider: 'robot', scopes: ['read'] },
    idempotent: true,
    execute: async (_input, { fetch }) => (await fetch(`${API}/payroll`)).status,
  })
}
