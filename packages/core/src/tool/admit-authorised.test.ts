import { expect, test } from 'vitest'
import { z } from 'zod'
import type { AuthProvider, AuthStep } from '../auth/auth-provider.ts'
import { Secret } from '../runtime/secret.ts'
import { mortal } from '../testing/mortal.ts'
import { type ScriptedReply, scriptedModel } from '../testing/scripted-model.ts'
import { until } from '../testing/until.ts'
import { type World, createWorld, runDeps } from '../testing/world.ts'
import { Runs } from '../run/runs.ts'
import { type Tool, defineTool } from './tool.ts'

const granted: AuthStep = {
  status: 'granted',
  credential: { tokenType: 'bearer', accessToken: new Secret('t'), scopes: [], expiresAt: null },
}

test('two calls of one reply that need the same sign-in ring one phone once, and both go on', async () => {
  const { world, begun, told } = phoneWorld({ calls: 2 })
  await ended(world, await world.say('Both'))
  expect(begun).toEqual(['phone'])
  expect(told()).toMatchObject([
    { status: 'ok', output: 'worked' },
    { status: 'ok', output: 'worked' },
  ])
})

test('a provider whose process died while it was asked is asked once more, when that rings nobody', async () => {
  const first = mortal('/none', { point: 2, side: 'before' })
  const { world, begun, told, parts } = phoneWorld({ calls: 1, notifies: false })
  const dying = new Runs(runDeps(parts, { runtime: world.runtime, store: first.door(world.store), owner: 'dying' }))
  const { runId } = await dying.start({ workflow: 'test', conversationId: 'c', messageId: 'm', text: 'Go', visitor: world.ada })
  // `start` and `reply` were committed; the answer of the provider is lost with its process.
  await first.death
  expect(begun).toHaveLength(1)
  await world.runtime.advance(3_000)
  await world.runs.tick()
  await ended(world, runId)
  expect(begun).toHaveLength(2)
  expect(told()).toMatchObject([{ status: 'ok', output: 'worked' }])
})

test('a provider that says no at once: nobody is asked, and the call says why', async () => {
  const { world, told } = phoneWorld({ calls: 1, step: { status: 'refused', code: 'invalid_client' } })
  await ended(world, await world.say('Go'))
  expect(told()).toMatchObject([{ status: 'failed', output: { error: 'invalid_client' } }])
  expect(await world.openQuestions()).toEqual([])
})

test('a provider that is not configured is named, and the run goes on', async () => {
  const { world, told } = phoneWorld({ calls: 1, tool: { auth: { provider: 'fax' } } })
  await ended(world, await world.say('Go'))
  expect(told()).toMatchObject([{ status: 'refused', output: { error: 'unknown_type', message: expect.stringContaining('"fax"') } }])
})

test('a tool that cannot say what it needs is refused, and the run goes on', async () => {
  const auth = (): never => {
    throw new Error('no account in the arguments')
  }
  const { world, told } = phoneWorld({ calls: 1, tool: { auth } })
  await ended(world, await world.say('Go'))
  expect(told()).toMatchObject([{ status: 'failed', output: { error: 'tool_failed', message: '"work" failed.' } }])
})

/** A tool behind a provider that grants without a browser. */
function phoneWorld(story: { calls: number; notifies?: boolean; step?: AuthStep; tool?: Partial<Tool> }) {
  const { calls, notifies = true, step = granted, tool } = story
  const begun: string[] = []
  const provider: AuthProvider = {
    type: 'phone',
    notifies,
    reuse: 'principal',
    host: 'phone.example',
    clientId: 'client',
    scopesOf: () => [],
    async begin({ provider: name }) {
      begun.push(name)
      return step
    },
  }
  const reply: ScriptedReply = Array.from({ length: calls }, () => ({ call: 'work' }))
  const model = scriptedModel([reply, ['Done.']])
  const work = defineTool({
    name: 'work',
    description: 'Works.',
    input: z.object({}),
    auth: { provider: 'phone' },
    execute: async () => 'worked',
    ...tool,
  })
  const parts = { model, tools: [work], providers: new Map([['phone', provider]]) }
  const told = (): unknown => {
    const last = model.requests.at(-1)?.at(-1)
    return last?.role === 'tool' ? last.results : last
  }
  return { world: createWorld(parts), parts, begun, told }
}

async function ended(world: World, runId: string): Promise<void> {
  await until(world.store, async () => ((await world.run(runId)).endedAt === null ? undefined : true))
}
