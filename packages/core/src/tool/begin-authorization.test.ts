import { describe, expect, test } from 'vitest'
import type { AuthProvider } from '../auth/auth-provider.ts'
import { CountersignError } from '../errors.ts'
import { Secret } from '../runtime/secret.ts'
import { credentialsOf, phoneWorld, sayAs, SECOND, runEnded } from '../testing/phone-world.ts'
import { scriptedPhone } from '../testing/scripted-phone.ts'
import { until } from '../testing/until.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import type { World } from '../testing/world.ts'
import type { Tool } from './tool.ts'

describe('the same call with the same arguments, while the device rings', () => {
  test('rings nothing more, and shares the yes', async () => {
    const { phone, world, wait, passes, told } = phoneWorld({ reply: [{ call: 'work' }, { call: 'work' }] })
    const runId = await world.say('Both')
    await wait()
    phone.answer = 'granted'
    await passes(7 * SECOND)
    await runEnded(world, runId)
    expect(phone.rung).toHaveLength(1)
    expect(told()).toMatchObject([
      { status: 'ok', output: 'Bearer [secret]' },
      { status: 'ok', output: 'Bearer [secret]' },
    ])
    // The last that shared it takes it out of the vault.
    expect(await credentialsOf(world)).toEqual([])
  })

  test('shares the no, also from another conversation', async () => {
    const { phone, world, wait, passes, told } = phoneWorld()
    await world.say('Go')
    await wait()
    const other = await sayAs(world, 'anonymous:ada', 'Go')
    const shown = await pendingOf(world, other)
    expect(shown.map(({ question }) => question.kind)).toEqual(['backchannel'])
    await passes(10 * SECOND)
    const resent = await world.runs.answer(shown[0]?.id ?? '', { action: 'resend' }, world.ada)
    expect(resent).toMatchObject({ outcome: 'invalid', problem: expect.stringContaining('another question') })
    phone.answer = 'access_denied'
    await passes(7 * SECOND)
    expect(await runEnded(world, other)).toBe('done')
    expect(phone.rung).toHaveLength(1)
    expect(told()).toMatchObject([{ output: { error: 'access_denied', message: 'The request was denied on the other device.' } }])
  })

  test('of one reply is stopped by one word: nothing rings for the other', async () => {
    const { phone, world, wait, told } = phoneWorld({ reply: [{ call: 'work' }, { call: 'work' }] })
    const runId = await world.say('Both')
    await wait()
    await world.answer({ action: 'cancel' })
    expect(await runEnded(world, runId)).toBe('done')
    expect(phone.rung).toHaveLength(1)
    expect(told()).toMatchObject([{ output: { error: 'cancelled' } }, { output: { error: 'cancelled' } }])
  })

  test('waits as long as the first, also when it joined before that had been asked', async () => {
    const runtime = virtualRuntime()
    const { phone, world, wait, passes } = phoneWorld({ runtime, phone: scriptedPhone(runtime, {}, 3_600 * SECOND) })
    const [first, other] = await Promise.all([world.say('Go'), sayAs(world, 'anonymous:ada', 'Go')])
    await wait()
    await passes(1_000 * SECOND)
    phone.answer = 'granted'
    expect([await runEnded(world, first), await runEnded(world, other)]).toEqual(['done', 'done'])
    expect(phone.rung).toHaveLength(1)
  })

  test('asks for itself when whoever asked first wants it no more', async () => {
    const { phone, world, wait, passes } = phoneWorld()
    await world.say('Go')
    await wait()
    const other = await sayAs(world, 'anonymous:ada', 'Go')
    await passes(SECOND)
    await world.runs.cancel('conversation-1', world.ada)
    await passes(2 * SECOND)
    expect(phone.rung).toHaveLength(2)
    phone.answer = 'granted'
    await passes(6 * SECOND)
    expect(await runEnded(world, other)).toBe('done')
    expect(phone.revoked).toEqual([])
  })

  test('with other arguments, or of another person, rings for itself', async () => {
    const { phone, world, wait } = phoneWorld({ reply: [{ call: 'work' }, { call: 'work', input: { on: 'that' } }] })
    await world.say('Both')
    await wait()
    await until(world.store, async () => (phone.rung.length === 2 ? true : undefined))
    await sayAs(world, 'user:grace', 'Me, too')
    await until(world.store, async () => (phone.rung.length === 3 ? true : undefined))
  })
})

test('requests on other devices take no room from the questions that are put to whoever asks', async () => {
  const { phone, world } = phoneWorld({ reply: [{ call: 'work' }, { call: 'work', input: { on: 'that' } }], limits: { openQuestions: 1 } })
  await world.say('Both')
  await until(world.store, async () => (phone.rung.length === 2 ? true : undefined))
  await until(world.store, async () => ((await world.openQuestions()).length === 2 ? true : undefined))
})

test('a yes that lasts for a run is that of one person: another is asked for theirs', async () => {
  const auth = ({ on }: { on: string }) => ({ provider: 'phone', loginHint: on, reuse: 'run' as const })
  const reply = [
    { call: 'work', input: { on: 'john' } },
    { call: 'work', input: { on: 'jane' } },
  ]
  const { phone, world } = phoneWorld({ reply, tool: { auth } as Partial<Tool> })
  await world.say('Both')
  await until(world.store, async () => (phone.rung.length === 2 ? true : undefined))
  expect(phone.rung.map(({ loginHint }) => loginHint)).toEqual(['john', 'jane'])
})

test('what was granted for one call leaves the vault with it', async () => {
  const { phone, world, wait, passes } = phoneWorld()
  const runId = await world.say('Go')
  await wait()
  phone.answer = 'granted'
  await passes(5 * SECOND)
  expect(await runEnded(world, runId)).toBe('done')
  expect(await credentialsOf(world)).toEqual([])
})

test('a person is the same however their name is written', async () => {
  const auth = ({ on }: { on: string }) => ({ provider: 'phone', loginHint: on })
  const reply = ['jdoe@example.com', 'JDoe@example.com', ' jdoe@EXAMPLE.com'].map((on) => ({ call: 'work', input: { on } }))
  const { phone, world } = phoneWorld({ reply, tool: { auth } as Partial<Tool>, limits: { pushesPerMinute: 2 } })
  await world.say('All')
  await until(world.store, async () => ((await world.openQuestions()).length === 2 ? true : undefined))
  expect(phone.rung).toHaveLength(2)
})

test('nobody rings a whole company', async () => {
  const auth = ({ on }: { on: string }) => ({ provider: 'phone', loginHint: on })
  const reply = Array.from({ length: 5 }, (_, at) => ({ call: 'work', input: { on: `employee-${at}` } }))
  const { phone, world } = phoneWorld({ reply, tool: { auth } as Partial<Tool>, limits: { pushesAskedPerMinute: 3 } })
  await world.say('All')
  await until(world.store, async () => ((await world.openQuestions()).length === 3 ? true : undefined))
  expect(phone.rung).toHaveLength(3)
})

test('where nobody is named it is whoever asks whose device rings', async () => {
  const { phone, world } = phoneWorld({ tool: { auth: { provider: 'phone' } }, limits: { pushesPerMinute: 1 } })
  await world.say('Go')
  await sayAs(world, 'user:grace', 'Me, too')
  await until(world.store, async () => (phone.rung.length === 2 ? true : undefined))
})

test('an API that asks for more has the phone rung for more, and nobody is told of an interruption', async () => {
  const api = (authorization: string): Response => {
    const challenge = { 'www-authenticate': 'Bearer error="insufficient_scope", scope="write"' }
    return authorization === 'Bearer token-1' ? new Response('', { status: 403, headers: challenge }) : new Response('done')
  }
  const { phone, world, told } = phoneWorld({ api })
  phone.answer = 'granted'
  expect(await runEnded(world, await world.say('Go'))).toBe('done')
  expect(phone.rung.map(({ scopes }) => scopes)).toEqual([undefined, ['write']])
  expect(told()).toMatchObject([{ status: 'ok', output: 'done' }])
  expect((await world.events()).filter(({ type }) => type === 'interaction-open')).toHaveLength(2)
})

test('a provider that exchanges a credential gets those of its parties first', async () => {
  const runtime = virtualRuntime()
  const phone = scriptedPhone(runtime)
  const exchanged: unknown[] = []
  const exchange: AuthProvider = {
    type: 'exchange',
    notifies: false,
    reuse: 'call',
    host: 'exchange.example',
    clientId: 'agent',
    scopesOf: () => [],
    parties: () => ({ subject: { provider: 'phone' } }),
    async begin(_requirement, { parties }) {
      exchanged.push(parties?.subject.accessToken.reveal())
      return { status: 'granted', credential: { tokenType: 'bearer', accessToken: new Secret('exchanged'), scopes: [], expiresAt: null } }
    },
  }
  const { world, wait, passes, told } = phoneWorld({ runtime, phone, others: { exchange }, tool: { auth: { provider: 'exchange' } } })
  const runId = await world.say('Go')
  await wait()
  expect(exchanged).toEqual([])
  phone.answer = 'granted'
  await passes(6 * SECOND)
  await runEnded(world, runId)
  expect(exchanged).toEqual(['token-1'])
  expect(told()).toMatchObject([{ status: 'ok', output: 'Bearer [secret]' }])
})

test('a credential that its exchange refuses is asked for anew', async () => {
  const runtime = virtualRuntime()
  const phone = scriptedPhone(runtime, { reuse: 'conversation' })
  const exchanged: unknown[] = []
  const exchange: AuthProvider = {
    ...phone.provider,
    type: 'exchange',
    notifies: false,
    reuse: 'call',
    parties: () => ({ subject: { provider: 'phone' } }),
    async begin(_requirement, { parties }) {
      const token = parties?.subject.accessToken.reveal()
      exchanged.push(token)
      if (token === 'token-1') throw new CountersignError('invalid_grant', 'it was withdrawn')
      return { status: 'granted', credential: { tokenType: 'bearer', accessToken: new Secret('exchanged'), scopes: [], expiresAt: null } }
    },
  }
  const { world, told } = phoneWorld({ runtime, phone, others: { exchange }, tool: { auth: { provider: 'exchange' } } })
  phone.answer = 'granted'
  expect(await runEnded(world, await world.say('Go'))).toBe('done')
  expect(exchanged).toEqual(['token-1', 'token-2'])
  expect(told()).toMatchObject([{ status: 'ok' }])
})

test('providers that need each other in a circle are refused', async () => {
  const circle = { type: 'circle', notifies: false, reuse: 'call', host: 'c', clientId: 'c', scopesOf: () => [] } as const
  const begin: AuthProvider['begin'] = () => Promise.reject(new Error('never asked'))
  const left: AuthProvider = { ...circle, begin, parties: () => ({ subject: { provider: 'right' } }) }
  const right: AuthProvider = { ...circle, begin, parties: () => ({ subject: { provider: 'left' } }) }
  const { world, told } = phoneWorld({ others: { left, right }, tool: { auth: { provider: 'left' } } })
  await runEnded(world, await world.say('Go'))
  expect(told()).toMatchObject([{ status: 'refused', output: { error: 'unknown_type' } }])
})

test.each([
  ['terminal', 'desk'],
  ['nobody', 'phone'],
] as const)('a provider that stands for others is replaced by who is there: %s', async (presence, name) => {
  const runtime = virtualRuntime()
  const [phone, desk] = [scriptedPhone(runtime), scriptedPhone(runtime)]
  const chain: AuthProvider = { ...phone.provider, choose: (who) => (who === 'terminal' ? 'desk' : 'phone') }
  const { world, wait } = phoneWorld({ runtime, phone, others: { chain, desk: desk.provider }, tool: { auth: { provider: 'chain' } } })
  await world.runs.start({ workflow: 'test', conversationId: 'conversation-1', messageId: 'm', text: 'Go', visitor: world.ada, presence })
  await wait()
  expect({ phone: phone.rung.length, desk: desk.rung.length }).toEqual({ phone: 0, desk: 0, [name]: 1 })
})

/** What a run asks its person now. */
function pendingOf({ store }: World, runId: string) {
  return until(store, async () => {
    const open = await store.transact('look', (transaction) => transaction.find('interactions', { runId, state: 'pending' }))
    return open.length > 0 ? open : undefined
  })
}
