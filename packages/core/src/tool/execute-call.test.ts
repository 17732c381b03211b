import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { CountersignError } from '../errors.ts'
import type { JsonValue } from '../protocol/json.ts'
import { hostileProvider } from '../providers/hostile-sign-in.ts'
import { hostileServer } from '../providers/hostile-server.ts'
import { Secret } from '../runtime/secret.ts'
import { sealCredential } from '../auth/vault-entry.ts'
import { vaultKey } from '../auth/vault-entry.ts'
import { type TestEntry, callEntry } from '../testing/call-entry.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import { runDeps } from '../testing/world.ts'
import { memoryStore } from '../store/memory-store.ts'
import { scriptedModel } from '../testing/scripted-model.ts'
import { type CallOutcome, executeCall } from './execute-call.ts'
import { type Tool, type ToolContext, defineTool } from './tool.ts'

const token = 'access-token-of-ada'

test('what a tool returns becomes JSON', async () => {
  const { outcome } = await execute(async () => ({ at: new Date(0), none: undefined }) as unknown as JsonValue)
  expect(outcome).toEqual({ kind: 'result', output: { at: '1970-01-01T00:00:00.000Z' } })
})

test('nothing becomes null', async () => {
  expect((await execute(async () => undefined as unknown as JsonValue)).outcome).toEqual({ kind: 'result', output: null })
})

const inside = 'connect ECONNREFUSED db.internal:5432 password=hunter2'
test.each<readonly [string, unknown, { error: string; message: string; status?: string }]>([
  ['an error', new Error(inside), { error: 'tool_failed', message: '"calendar" failed.' }],
  ['an error with a cause', new TypeError('x', { cause: new Error(inside) }), { error: 'tool_failed', message: '"calendar" failed.' }],
  ['a text', inside, { error: 'tool_failed', message: '"calendar" failed.' }],
  ['nothing', undefined, { error: 'tool_failed', message: '"calendar" failed.' }],
  ['what JSON cannot hold', 1n, { error: 'tool_failed', message: '"calendar" failed.' }],
  ['a seal that does not open', new CountersignError('invalid_seal', inside), { error: 'invalid_seal', message: '"calendar" failed.' }],
  [
    'a database that is away',
    new CountersignError('storage_unavailable', inside),
    { error: 'storage_unavailable', message: '"calendar" failed.' },
  ],
  ['another question', new CountersignError('question_changed', inside), { error: 'question_changed', message: '"calendar" failed.' }],
  [
    'an API that failed',
    new CountersignError('upstream_failed', 'api.example answered with HTTP 500'),
    { error: 'upstream_failed', message: 'Api.example answered with HTTP 500.' },
  ],
  [
    'a person who declined',
    new CountersignError('access_denied', 'the person declined'),
    { error: 'access_denied', message: 'The person declined.', status: 'refused' },
  ],
  [
    'a deadline',
    new CountersignError('expired', 'nobody answered in time'),
    { error: 'expired', message: 'Nobody answered in time.', status: 'refused' },
  ],
])(
  'a tool that throws %s is told to the model as a closed code, with nothing from inside',
  async (_name, thrown, { status, ...output }) => {
    const { outcome, entry } = await execute(() => Promise.reject(thrown))
    expect(outcome).toEqual({ kind: 'refusal', refusal: { status: status ?? 'failed', output } })
    expect(inspect([outcome, entry.runtime.logged], { depth: 12 })).not.toContain('hunter2')
  },
)

test('a tool that returns what JSON cannot hold has failed', async () => {
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  const { outcome } = await execute(async () => circle as unknown as JsonValue)
  expect(outcome).toEqual({
    kind: 'refusal',
    refusal: { status: 'failed', output: { error: 'tool_failed', message: '"calendar" failed.' } },
  })
})

test('a tool that was stopped says so, whatever it throws', async () => {
  const { outcome } = await execute(async (_context, entry) => {
    entry.lose(new Error('cancelled'))
    throw new Error(inside)
  })
  expect(outcome).toMatchObject({ kind: 'refusal', refusal: { status: 'cancelled', output: { message: '"calendar" was stopped.' } } })
})

test.each<readonly [string, (context: ToolContext) => Promise<JsonValue>]>([
  ['returns', async ({ ask }) => (await ask({ kind: 'text', text: 'Name?' }).catch(() => undefined), 'as if nothing were')],
  [
    'throws something else',
    async ({ ask }) => {
      await ask({ kind: 'text', text: 'Name?' }).catch(() => undefined)
      throw new Error('else')
    },
  ],
  [
    'tries to go on',
    async ({ ask, fetch }) => {
      await ask({ kind: 'text', text: 'Name?' }).catch(() => undefined)
      await fetch('https://api.example', { method: 'POST' }).catch(() => undefined)
      return 'went on'
    },
  ],
])('a tool that swallows its suspension and %s is suspended all the same, and nothing goes out', async (_name, work) => {
  const { outcome, sent } = await execute(work)
  expect(outcome).toMatchObject({ kind: 'suspended', suspension: { kind: 'question', question: { text: 'Name?' } } })
  expect(sent).toEqual([])
})

test('a context that outlives its call can do nothing any more', async () => {
  let kept: ToolContext | undefined
  const { sent } = await execute(async (context) => {
    kept = context
    return 'done'
  })
  await expect(kept?.fetch('https://api.example')).rejects.toMatchObject({ code: 'suspended' })
  expect(sent).toEqual([])
})

test('the token goes out, and comes back nowhere: not in the result, however deep, nor in any other text', async () => {
  const echo = async ({ fetch }: ToolContext): Promise<string> => (await fetch('https://api.example/echo')).text()
  const { outcome, sent } = await execute(async (context) => {
    const text = await echo(context)
    return { text, list: [text, { deep: `${text}!` }], number: 7 }
  })
  expect(sent).toEqual([`Bearer ${token}`])
  expect(outcome).toEqual({
    kind: 'result',
    output: { text: 'you sent Bearer [secret]', list: ['you sent Bearer [secret]', { deep: 'you sent Bearer [secret]!' }], number: 7 },
  })
})

test.each<readonly [string, (text: string, context: ToolContext) => Promise<unknown>]>([
  ['an error', (text) => Promise.reject(new CountersignError('upstream_failed', text))],
  ['progress', async (text, { progress }) => progress(text)],
  ['a kept step', (text, { step }) => step('echo', async () => text)],
  ['a question', (text, { ask }) => ask({ kind: 'text', text })],
  ['a notification', (text, { ask }) => ask({ kind: 'notification', text })],
])('a token that an API sends back does not leave the tool by %s', async (_name, tell) => {
  const { outcome, entry } = await execute(async (context) => {
    const text = await (await context.fetch('https://api.example/echo')).text()
    await tell(text, context)
    return null
  })
  const left = inspect([outcome, entry.steps, entry.said, entry.notified, entry.runtime.logged], { depth: 12 })
  expect(left).toContain('[secret]')
  expect(left).not.toContain(token)
})

/** Executes a call of a tool made of `work`; its person has signed in, its API sends back what it was sent. */
async function execute(
  work: (context: ToolContext, entry: TestEntry) => Promise<JsonValue>,
): Promise<{ outcome: CallOutcome; entry: TestEntry; sent: readonly string[] }> {
  const sent: string[] = []
  const runtime = virtualRuntime({
    fetch: async (input) => {
      const authorization = new Request(input).headers.get('authorization') ?? ''
      sent.push(authorization)
      return new Response(`you sent ${authorization}`)
    },
  })
  const entry = callEntry({ runtime })
  const requirement = { provider: 'hostile', scopes: ['read'] }
  const tool: Tool = defineTool({
    name: 'calendar',
    description: 'Tells what is on today.',
    input: z.object({}),
    auth: requirement,
    execute: (_input, context) => work(context, entry),
  })
  const providers = new Map([['hostile', hostileProvider({ server: hostileServer('https://login.example') })]])
  const { vault, sealer, store, redirectUri } = runDeps(
    { model: scriptedModel([]), providers },
    { runtime, store: memoryStore(runtime), owner: 'a' },
  )
  const [provider] = providers.values()
  if (!provider) throw new Error('there is a provider')
  const place = {
    key: vaultKey(runtime, { provider, requirement, run: entry.run, callId: entry.call.id }),
    principalId: entry.run.principal.id,
    provider: 'hostile',
  }
  const credential = { tokenType: 'bearer', accessToken: new Secret(token), scopes: ['read'], expiresAt: null } as const
  const row = await sealCredential(sealer, place, { credential, now: runtime.now() })
  await store.transact('put', (transaction) => vault.put(transaction, row))
  const outcome = await executeCall(tool, entry, { vault, providers, redirectUri, authorizationsPerCall: 3 })
  return { outcome, entry, sent }
}
