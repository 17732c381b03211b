import { describe, expect, test } from 'vitest'
import type { AuthProvider } from '../auth/auth-provider.ts'
import { CountersignError } from '../errors.ts'
import { Runs } from '../run/runs.ts'
import { Secret } from '../runtime/secret.ts'
import { mortal } from '../testing/mortal.ts'
import { credentialsOf, phoneWorld, sayAs, SECOND, runEnded } from '../testing/phone-world.ts'
import { pingTokenOf, scriptedPhone } from '../testing/scripted-phone.ts'
import { until } from '../testing/until.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import { runDeps, type World } from '../testing/world.ts'
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

test('where nobody is named it is whoever asks whose device rings', async () => {
  const { phone, world } = phoneWorld({ tool: { auth: { provider: 'phone' } }, limits: { pushesPerMinute: 1 } })
  await world.say('Go')
  await sayAs(world, 'user:grace', 'Me, too')
  await until(world.store, async () => (phone.rung.length === 2 ? true : undefined))
})

describe('who waits may have it sent once more', () => {
  test('after a moment, and not without end; the old request counts no more', async () => {
    const { phone, world, wait, passes } = phoneWorld({ limits: { pushesPerMinute: 9 } })
    const runId = await world.say('Go')
    await wait()
    expect(await world.answer({ action: 'resend' })).toMatchObject({ outcome: 'invalid', problem: expect.stringContaining('10 s') })
    for (const times of [2, 3]) {
      await passes(10 * SECOND)
      expect(await world.answer({ action: 'resend' })).toEqual({ outcome: 'settled' })
      await until(world.store, async () => (phone.rung.length === times ? true : undefined))
      await wait()
    }
    await passes(10 * SECOND)
    expect(await world.answer({ action: 'resend' })).toMatchObject({ outcome: 'invalid', problem: expect.stringContaining('3 times') })
    await world.runs.ping({ requestId: 'request-1', token: pingTokenOf(1) })
    phone.answer = 'granted'
    await passes(6 * SECOND)
    expect(await runEnded(world, runId)).toBe('done')
    expect((await world.events()).flatMap((event) => (event.type === 'interaction-close' ? [event.sentence] : []))).toEqual([
      'It was sent once more.',
      'It was sent once more.',
      'Approved on the other device.',
    ])
  })

  test('a message is never a yes', async () => {
    const { world, wait } = phoneWorld()
    await world.say('Go')
    await wait()
    expect(await world.answer({ action: 'accept', answer: null })).toMatchObject({ outcome: 'invalid' })
    expect(await world.openQuestions()).toHaveLength(1)
  })
})

describe('a process that died while it asked for a device to ring', () => {
  test.each([
    ['send', 2, { status: 'ok' }],
    ['leave', 1, { status: 'failed', output: { error: 'outcome_unknown' } }],
  ])('leaves a question, since it may have rung: %s', async (answer, times, result) => {
    const { phone, world, parts, passes, told, wait } = phoneWorld()
    const first = mortal('/none', { point: 2, side: 'before' })
    const dying = new Runs(runDeps(parts, { runtime: world.runtime, store: first.door(world.store), owner: 'dying' }))
    const { runId } = await dying.start({
      workflow: 'test',
      conversationId: 'conversation-1',
      messageId: 'm',
      text: 'Go',
      visitor: world.ada,
    })
    await first.death
    expect(phone.rung).toHaveLength(1)
    await passes(3 * SECOND)
    await wait()
    phone.answer = 'granted'
    await world.answer({ action: 'accept', answer })
    await passes(7 * SECOND)
    await runEnded(world, runId)
    expect(phone.rung).toHaveLength(times)
    expect(told()).toMatchObject([result])
  })
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
