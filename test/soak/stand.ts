import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '@countersign/core'
import { DEMO_CLIENTS, type DemoProvider, type DemoProviderOptions, startDemoProvider } from '@countersign/demo-provider'
import { type Front, openFront } from './front.ts'
import { Instance } from './instance.ts'
import { Moments } from './moments.ts'
import { openOutside, type Outside } from './outside.ts'
import { openStore, type StorePlace } from './store-place.ts'

/** What a stand is set up with. */
export interface StandParts {
  /** The bundled `soak-process`. */
  readonly program: string
  readonly place: StorePlace
  /** How long a deed outside takes until it is answered, milliseconds; default: no time. */
  readonly answerAfterMs?: () => number
  readonly intercept?: DemoProviderOptions['intercept']
}

/** Servers under soak with everything around them: one instance on SQLite, two on PostgreSQL, the front before them, what they act on, and a look at their rows. */
export interface Stand {
  readonly front: Front
  readonly instances: readonly Instance[]
  readonly outside: Outside
  readonly provider: DemoProvider
  readonly moments: Moments
  /** The rows, seen past the servers. */
  readonly store: Store
  /** The keys of the servers. */
  readonly keyFile: string
  /** How the token requests so far ended: `grant type, HTTP status`. */
  readonly tokenRequests: readonly string[]
  /** What the instances logged as errors. */
  readonly complaints: readonly string[]
  stop(): Promise<void>
}

export async function openStand({ program, place, answerAfterMs = () => 0, intercept }: StandParts): Promise<Stand> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign soak '))
  const moments = new Moments()
  const complaints: string[] = []
  const tokenRequests: string[] = []
  const instances: Instance[] = []
  const outside = await openOutside(moments, answerAfterMs)
  const front = await openFront(() => instances.flatMap(({ port }) => (port === undefined ? [] : [port])))
  const provider = await startDemoProvider({
    port: 0,
    redirectUris: [`${front.origin}/auth/redirect`],
    intercept: async (request, response) => {
      if (request.url === '/oauth/token') moments.pass('token-request')
      return (await intercept?.(request, response)) ?? false
    },
    observe: ({ grantType, status }) => {
      tokenRequests.push(`${grantType}, ${status}`)
      moments.pass('token-answer')
    },
  })
  const url = place.kind === 'sqlite' ? `sqlite:${join(folder, 'countersign.db')}` : place.url
  const workflow = writeWorkflow(folder, { url, origin: front.origin, issuer: provider.issuer, outside: outside.url })
  const count = place.kind === 'sqlite' ? 1 : 2
  for (let index = 0; index < count; index += 1) {
    const instance = new Instance([program, workflow], (line) => complaints.push(line))
    instances.push(instance)
    // One after another: the first writes the tables and the keys.
    await instance.start()
  }
  const store = await openStore(url)
  return {
    front,
    instances,
    outside,
    provider,
    moments,
    store,
    keyFile: join(folder, '.countersign', 'keys.json'),
    tokenRequests,
    complaints,
    async stop() {
      await Promise.all(instances.map((instance) => instance.kill()))
      await Promise.all([front.stop(), outside.stop(), provider.stop(), store.close()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Addresses {
  readonly url: string
  readonly origin: string
  readonly issuer: string
  readonly outside: string
}

/** More than all persons of a soak together cost: they share one address, and are quick. */
const PLENTY = 1_000_000

function writeWorkflow(folder: string, { url, origin, issuer, outside }: Addresses): string {
  const limits = {
    max_new_sessions_per_minute: PLENTY,
    max_new_sessions_per_minute_and_address: PLENTY,
    max_messages_per_10_seconds: PLENTY,
    max_half_open_per_address: PLENTY,
    max_open_questions: PLENTY,
    max_sign_ins_per_minute: PLENTY,
    max_new_conversations_per_day: PLENTY,
  }
  const visit = { _type: 'visit', outside, api: `${issuer}/api/me` }
  const workflow = {
    general: { front_end: { host: 'localhost', port: 0, public_url: origin, limits } },
    store: { url },
    functions: {
      note: { _type: 'deed', outside, idempotent: true },
      send: { _type: 'deed', outside },
      pay: { _type: 'deed', outside, risk: 'high' },
      order: { _type: 'order', outside },
      visit: { ...visit, reuse: 'conversation' },
      revisit: { ...visit, reuse: 'principal' },
    },
    llms: { demo: { _type: 'obedient' } },
    authentication: {
      demo: {
        _type: 'oauth2_auth_code_flow',
        issuer,
        client_id: DEMO_CLIENTS.public.clientId,
        scopes: ['openid', 'profile', 'offline_access'],
      },
    },
    workflow: { _type: 'tool_calling_agent', tool_names: ['note', 'send', 'pay', 'order', 'visit', 'revisit'], llm_name: 'demo' },
  }
  const file = join(folder, 'workflow.yml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(workflow))
  return file
}
