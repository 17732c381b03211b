import { z } from 'zod'
import type { AuthProvider } from '../auth/auth-provider.ts'
import type { Visitor } from '../interaction/asker.ts'
import type { RunEvent } from '../protocol/run-event.ts'
import type { CredentialRow, RunState } from '../store/rows.ts'
import { defineTool, type Tool } from '../tool/tool.ts'
import { scriptedPhone } from './scripted-phone.ts'
import { type ScriptedReply, scriptedModel } from './scripted-model.ts'
import { until } from './until.ts'
import { virtualRuntime } from './virtual-runtime.ts'
import { createWorld, type World, type WorldParts } from './world.ts'

export const SECOND = 1_000

/** A tool behind a phone, in a world whose time passes second by second. */
export function phoneWorld(
  story: Pick<WorldParts, 'limits'> & {
    reply?: ScriptedReply
    runtime?: ReturnType<typeof virtualRuntime>
    phone?: ReturnType<typeof scriptedPhone>
    others?: Readonly<Record<string, AuthProvider>>
    tool?: Partial<Tool>
    /** What the API answers to a token; default: the token. */
    api?: (authorization: string) => Response
  } = {},
) {
  const runtime = story.runtime ?? virtualRuntime()
  const { api = (authorization) => new Response(authorization) } = story
  const fetchApi = async (input: string | URL | Request): Promise<Response> => api(new Request(input).headers.get('authorization') ?? '')
  const phone = story.phone ?? scriptedPhone(runtime)
  const { reply = [{ call: 'work' }] } = story
  const model = scriptedModel((messages) => (messages.at(-1)?.role === 'user' ? reply : ['Done.']))
  const work = defineTool({
    name: 'work',
    description: 'Works.',
    input: z.object({ on: z.string().default('this') }),
    auth: { provider: 'phone', loginHint: 'john' },
    idempotent: true,
    execute: async (_input, { fetch }) => (await fetch('https://api.example/')).text(),
    ...story.tool,
  })
  const providers = new Map(Object.entries({ phone: phone.provider, ...story.others }))
  const parts = { model, tools: [work], providers, runtime: { ...runtime, fetch: fetchApi }, ...(story.limits && { limits: story.limits }) }
  const world = createWorld(parts)
  return {
    phone,
    world,
    parts,
    /** The person has one open question, or several. */
    wait: () => until(world.store, async () => (await world.openQuestions()).at(0)),
    passes: async (ms: number): Promise<void> => {
      for (let left = ms; left > 0; left -= SECOND) {
        await world.runtime.advance(Math.min(SECOND, left))
        await world.runs.tick()
        while (phone.underWay.now === 0 && (await isPolling(world))) await world.runtime.advance(0)
      }
    },
    /** Its server was asked so many times, and answered. */
    polled: async (times: number): Promise<void> => {
      while (phone.polls.length < times) await world.runtime.advance(0)
      await until(world.store, async () => ((await waitsOf(world)).length > times || phone.underWay.now > 0 ? true : undefined))
    },
    told: () => {
      const last = model.requests.at(-1)?.at(-1)
      return last?.role === 'tool' ? last.results : last
    },
  }
}

/** How the run ended; until it has, seconds pass. */
export async function runEnded(world: World, runId: string): Promise<RunState> {
  for (let seconds = 0; seconds < 400; seconds += 1) {
    const { state, endedAt } = await world.run(runId)
    if (endedAt !== null) return state
    await world.runtime.advance(SECOND)
    await world.runs.tick()
    while (await isPolling(world)) await world.runtime.advance(0)
  }
  throw new Error('the run has not ended')
}

/** Whether the world's own process polls: sealing takes real time, and no virtual second is to pass meanwhile. */
function isPolling({ store }: World): Promise<boolean> {
  return store.transact(
    'look',
    async (transaction) => (await transaction.get('authorizations', { state: 'exchanging', owner: 'process-1' })) !== undefined,
  )
}

export async function sayAs(world: World, id: string, text: string): Promise<string> {
  const visitor: Visitor = id === world.ada.principal.id ? world.ada : { principal: { id, kind: 'user', roles: [] }, sessionId: null }
  const messageId = world.runtime.id()
  return (await world.runs.start({ workflow: 'test', conversationId: `of ${id}`, messageId, text, visitor })).runId
}

/** What is in the vault. */
export function credentialsOf({ store }: World): Promise<readonly CredentialRow[]> {
  return store.transact('rows', (transaction) => transaction.find('credentials', {}))
}

/** What was told of waiting for a device, so far. */
export async function waitsOf(world: World): Promise<readonly RunEvent[]> {
  return (await world.events()).filter(({ type }) => type === 'authorization-wait')
}
