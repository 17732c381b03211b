import { type AuthProvider, type Model, type Runtime, type Tool, type ToolContext, defineTool } from '@countersign/core'
import { type WorldParts, scriptedModel } from '@countersign/core/testing'
import { z } from 'zod'
import type { OutsideWorld } from './outside-world.ts'
import type { Points } from './points.ts'
import { type StoryName, TOKENS } from './story.ts'

/** What a story's workflow is made of. */
export interface StoryParts {
  readonly story: StoryName
  readonly runtime: Runtime
  readonly points: Points
  readonly outside: OutsideWorld
  readonly providers: ReadonlyMap<string, AuthProvider>
  /** What the slow tool waits for before it takes effect. */
  readonly slowUntil: () => Promise<unknown>
}

/** The model, the tools and the provider of a story. */
export function storyWorkflow(parts: StoryParts): Pick<WorldParts, 'model' | 'tools' | 'providers'> {
  const { story, providers } = parts
  if (story === 'sign-in' || story === 'phone') return { model: model(parts, [{ call: 'who_am_i' }]), tools: [whoAmI(parts)], providers }
  return { model: model(parts, [{ call: 'slow' }, { call: 'pay' }]), tools: [slow(parts), pay(parts)] }
}

/** Longer than the gathering of deltas: each token is committed on its own. */
const TOKEN_PAUSE_MS = 15

function model({ runtime, points }: StoryParts, calls: readonly { call: string }[]): Model {
  const script = scriptedModel([[...TOKENS.first, ...calls], TOKENS.last])
  return {
    name: script.name,
    async *stream(request) {
      for await (const event of script.stream(request)) {
        if (event.type === 'text') points.pass('before token')
        yield event
        if (event.type !== 'text') continue
        points.pass('after token')
        await runtime.sleep(TOKEN_PAUSE_MS, request.signal)
      }
    },
  }
}

function slow(parts: StoryParts): Tool {
  return effective(parts, {
    name: 'slow',
    risk: 'low',
    before: parts.slowUntil,
  })
}

function pay(parts: StoryParts): Tool {
  return effective(parts, { name: 'pay', risk: 'high', before: async () => undefined })
}

/** A tool that does one thing to the world. Its entries and their keys are written down as well. */
function effective(
  { story, outside }: StoryParts,
  { name, risk, before }: { name: string; risk: 'low' | 'high'; before: () => Promise<unknown> },
): Tool {
  const idempotent = story === 'idempotent'
  return defineTool({
    name,
    description: name,
    input: z.object({}),
    risk,
    idempotent,
    execute: async (_input, { callId, idempotencyKey }) => {
      outside.note(`enter ${name} ${callId} ${idempotencyKey}`)
      await before()
      if (idempotent) outside.doOnce(name, `${name} ${callId}`)
      else outside.do(name, `${name} ${callId}`)
      return name
    },
  })
}

function whoAmI({ story, outside }: StoryParts): Tool {
  return defineTool({
    name: 'who_am_i',
    description: 'who_am_i',
    input: z.object({}),
    auth: { provider: story, scopes: ['profile'] },
    execute: async (_input, context: ToolContext) => {
      const response = await context.fetch('https://api.example/me')
      if (!response.ok) throw new Error(`the API said ${response.status}`)
      outside.do('who_am_i', `who_am_i ${context.callId}`)
      return response.text()
    },
  })
}
