import { CountersignError } from '@countersign/core'
import type { ProviderDefinition } from '@countersign/core/providers'
import { defineFunction, definePlugin, defineLlm, defineTool, type Model, type Plugin, Secret, type Tool, z } from '@countersign/server'

/** The world of these tests: a phone that does what a test says, and what the tools did. */
export interface AgentWorld {
  /** What the person at the phone says to the next look. */
  phone: 'pending' | 'granted' | 'access_denied' | 'unknown_user_id'
  /** When a request at the phone ends by itself, milliseconds. */
  patienceMs: number
  /** How long a look at the phone takes, milliseconds. */
  lookMs: number
  readonly looks: { count: number; underWay: number; mostAtOnce: number }
  readonly effects: string[]
  /** Called when the tool that digs has begun. */
  onDig: () => void
  /** Ends the digging. */
  stopDigging: () => void
}

/** A world in which nothing has happened yet. */
export function newWorld(): AgentWorld {
  const looks = { count: 0, underWay: 0, mostAtOnce: 0 }
  return { phone: 'pending', patienceMs: 60_000, lookMs: 0, looks, effects: [], onDig: () => undefined, stopDigging: () => undefined }
}

/** A model that calls the tools that it is told to, one after another where `then` is between them, and tools that ask, need a phone, need an approval, dig without end, and break. */
export function agentParts(world: AgentWorld): Plugin {
  return definePlugin({
    llms: [defineLlm({ type: 'literal', config: z.strictObject({}), create: () => literal })],
    authentication: [phone(world)],
    functions: tools(world).map((tool) => defineFunction({ type: tool.name, config: z.strictObject({}), create: () => tool })),
  })
}

/** The names of the tools. */
export const TOOLS = ['pick', 'twice', 'ring', 'pay', 'dig', 'break', 'slow']

function tools(world: AgentWorld): readonly Tool[] {
  const input = z.strictObject({})
  return [
    defineTool({
      name: 'pick',
      description: 'Asks for a colour.',
      input,
      async execute(_input, { ask }) {
        const options = ['red', 'blue'].map((value) => ({ label: value, value }))
        return { colour: await ask({ kind: 'radio', text: 'Which colour?', options }) }
      },
    }),
    defineTool({
      name: 'twice',
      description: 'Asks for two words.',
      input,
      async execute(_input, { ask }) {
        const first = await ask({ kind: 'text', text: 'The first word?' })
        return { words: [first, await ask({ kind: 'text', text: 'The second word?' })] }
      },
    }),
    defineTool({
      name: 'slow',
      description: 'Asks for a word, not for long.',
      input,
      async execute(_input, { ask }) {
        return { word: await ask({ kind: 'text', text: 'Which word?', timeoutSeconds: 1 }) }
      },
    }),
    defineTool({
      name: 'ring',
      description: 'Needs somebody at a phone.',
      input,
      auth: { provider: 'phone', scopes: ['read'], bindingMessage: 'The HR agent asks', origins: ['https://hr.example'] },
      async execute(_input, { callId }) {
        world.effects.push(callId)
        return { active: true }
      },
    }),
    defineTool({
      name: 'pay',
      description: 'Pays.',
      input,
      risk: 'high',
      async execute(_input, { callId }) {
        world.effects.push(callId)
        return { paid: true }
      },
    }),
    defineTool({
      name: 'dig',
      description: 'Digs until it is told to stop.',
      input,
      async execute(_input, { signal, progress }) {
        progress('Digging…')
        await new Promise<void>((resolve) => {
          world.stopDigging = resolve
          signal.addEventListener('abort', () => resolve(), { once: true })
          world.onDig()
        })
        return 'a hole'
      },
    }),
    defineTool({
      name: 'break',
      description: 'Fails.',
      input,
      async execute() {
        throw new CountersignError('upstream_failed', 'the secret place "vault.example" did not answer')
      },
    }),
  ]
}

const literal: Model = {
  name: 'literal',
  async *stream({ messages, tools: known }) {
    const last = messages.at(-1)
    const said = last?.role === 'user' ? last.text : ''
    if (said === 'crash') throw new Error('the model broke at secret place')
    const asked = messages.findLast(({ role }) => role === 'user')
    const turns = (asked?.role === 'user' ? asked.text : '').split(' then ')
    const done = messages.slice(messages.findLastIndex(({ role }) => role === 'user')).filter(({ role }) => role === 'tool').length
    const called = turns[done]?.split(' ').filter((word) => known.some(({ name }) => name === word)) ?? []
    if (last?.role === 'tool' && called.length === 0)
      yield { type: 'text', text: `Done: ${JSON.stringify(last.results.map(({ output }) => output))}` }
    else if (called.length > 0) for (const tool of called) yield { type: 'call', tool, input: {} }
    else yield { type: 'text', text: `You said: ${said}` }
  },
}

/** An authorization server with a phone behind it, asked every few milliseconds. */
function phone(world: AgentWorld): ProviderDefinition {
  return {
    type: 'phone',
    config: z.strictObject({}),
    create: () => ({
      type: 'phone',
      notifies: true,
      reuse: 'call',
      host: 'phone.example',
      clientId: 'agent',
      scopesOf: ({ scopes }) => scopes ?? [],
      async begin({ bindingMessage }, { runtime }) {
        const expiresAt = runtime.now() + world.patienceMs
        const challenge = { kind: 'backchannel', ...(bindingMessage !== undefined && { bindingMessage }) } as const
        return { status: 'waiting', challenge, state: { expiresAt }, pollAt: runtime.now() + 20, expiresAt }
      },
      // oxlint-disable-next-line max-params -- the port has these four
      async advance({ bindingMessage }, state, _event, { runtime }) {
        const { looks } = world
        looks.count += 1
        looks.underWay += 1
        looks.mostAtOnce = Math.max(looks.mostAtOnce, looks.underWay)
        await new Promise<void>((resolve) => void runtime.timer(world.lookMs, resolve))
        looks.underWay -= 1
        const expiresAt = Number(state['expiresAt'])
        const challenge = { kind: 'backchannel', ...(bindingMessage !== undefined && { bindingMessage }) } as const
        if (world.phone === 'pending') return { status: 'waiting', challenge, state, pollAt: runtime.now() + 20, expiresAt }
        if (world.phone !== 'granted') return { status: 'refused', code: world.phone }
        const credential = { tokenType: 'bearer' as const, accessToken: new Secret('phone-token'), scopes: ['read'], expiresAt: null }
        return { status: 'granted', credential }
      },
    }),
  }
}
