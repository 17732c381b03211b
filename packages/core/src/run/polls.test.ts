import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../protocol/run-event.ts'
import { Consents } from '../auth/consents.ts'
import type { AuthProvider } from '../auth/auth-provider.ts'
import { CountersignError } from '../errors.ts'
import { mortal } from '../testing/mortal.ts'
import { credentialsOf, phoneWorld, sayAs, SECOND, runEnded, waitsOf } from '../testing/phone-world.ts'
import { type PhoneAnswer, pingTokenOf, scriptedPhone } from '../testing/scripted-phone.ts'
import { until } from '../testing/until.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import { runDeps } from '../testing/world.ts'
import { Runs } from './runs.ts'

describe('a request on another device', () => {
  test('is asked about when it is due and not before, and what it says is told each time', async () => {
    const { phone, world, passes, wait, polled } = phoneWorld()
    const runId = await world.say('Go')
    await wait()
    await passes(4 * SECOND)
    expect(phone.polls).toEqual([])
    await passes(SECOND)
    await polled(1)
    await passes(5 * SECOND)
    await polled(2)
    phone.answer = 'granted'
    await passes(5 * SECOND)
    expect(await runEnded(world, runId)).toBe('done')
    expect(phone.polls).toEqual([5, 10, 15].map((s) => s * SECOND))
    const told = (await world.events()).filter(isAboutWait).map((event) => (event.type === 'interaction-close' ? event.state : event.type))
    const waits = Array.from({ length: 3 }, () => 'authorization-wait')
    expect(told).toEqual(['authorization-request', 'interaction-open', ...waits, 'answered'])
  })

  test('is asked about once at a time, however many processes look', async () => {
    const { phone, world, wait, passes } = phoneWorld()
    await world.say('Go')
    await wait()
    const answer = held<PhoneAnswer>()
    phone.answer = () => answer.promise
    const others = [world.process('two'), world.process('three')]
    await passes(5 * SECOND)
    await Promise.all(others.map((other) => other.tick()))
    await passes(20 * SECOND)
    await Promise.all(others.map((other) => other.tick()))
    expect(phone.underWay.most).toBe(1)
    expect(phone.polls).toHaveLength(1)
    phone.answer = 'granted'
    answer.resolve('granted')
    await until(world.store, async () => (await world.replies()).at(-1))
  })

  test('is asked about again by another process when the one that did has died', async () => {
    const { phone, world, wait, parts, passes } = phoneWorld()
    const runId = await world.say('Go')
    await wait()
    await world.runtime.advance(5 * SECOND)
    phone.answer = 'granted'
    // It dies once the answer with the token is there, before anybody has written it down.
    const first = mortal('/none', { point: 3, side: 'before' })
    const dying = new Runs(runDeps(parts, { runtime: world.runtime, store: first.door(world.store), owner: 'dying' }))
    void dying.tick()
    await first.death
    await passes(49 * SECOND)
    expect(phone.polls).toHaveLength(1)
    await passes(2 * SECOND)
    expect(phone.polls).toHaveLength(2)
    expect(await runEnded(world, runId)).toBe('done')
  })

  test('that is denied ends the call as denied, and does not ring again for a minute, whoever asks', async () => {
    const { phone, world, wait, passes, told } = phoneWorld()
    const runId = await world.say('Go')
    await wait()
    phone.answer = 'access_denied'
    await passes(5 * SECOND)
    await runEnded(world, runId)
    expect(told()).toMatchObject([
      { status: 'refused', output: { error: 'access_denied', message: 'The request was denied on the other device.' } },
    ])
    phone.answer = 'granted'
    await runEnded(world, await world.say('Once more'))
    expect(told()).toMatchObject([
      { status: 'refused', output: { message: expect.stringMatching(/declined on their device.*a moment ago/) } },
    ])
    await runEnded(world, await sayAs(world, 'user:grace', 'Me, too'))
    expect(phone.rung).toHaveLength(1)
    await passes(60 * SECOND)
    await world.say('Now?')
    await wait()
    expect(phone.rung).toHaveLength(2)
  })

  test('is waited for as long as its server says', async () => {
    const runtime = virtualRuntime()
    const { phone, world, wait, passes } = phoneWorld({ runtime, phone: scriptedPhone(runtime, {}, 3_600 * SECOND) })
    const runId = await world.say('Go')
    await wait()
    await passes(1_000 * SECOND)
    phone.answer = 'granted'
    expect(await runEnded(world, runId)).toBe('done')
  })

  test('that nobody answers expires, and is not called a denial', async () => {
    const { world, wait, passes, told } = phoneWorld()
    const runId = await world.say('Go')
    await wait()
    await passes(300 * SECOND)
    await runEnded(world, runId)
    expect(told()).toMatchObject([
      { status: 'refused', output: { error: 'expired', message: expect.stringMatching(/Nobody answered|expired/) } },
    ])
  })

  test('rings one person at most three times in a minute, whoever asks, and not while three wait', async () => {
    const { phone, world, passes } = phoneWorld()
    for (const who of ['user:a', 'user:b', 'user:c', 'user:d']) {
      const runId = await sayAs(world, who, 'Go')
      await until(world.store, async () => (['waiting', 'done'].includes((await world.run(runId)).state) ? true : undefined))
    }
    expect(phone.rung).toHaveLength(3)
    // A minute later these three still wait for an answer.
    await passes(90 * SECOND)
    await runEnded(world, await sayAs(world, 'user:e', 'Go'))
    expect(phone.rung).toHaveLength(3)
  })

  test('that may have rung though its server failed counts among those that rang', async () => {
    const runtime = virtualRuntime()
    const phone = scriptedPhone(runtime)
    const begin: AuthProvider['begin'] = async (requirement, context) => {
      await phone.provider.begin(requirement, context)
      throw new CountersignError('upstream_failed', 'it answered with 504')
    }
    const { world } = phoneWorld({ runtime, phone: { ...phone, provider: { ...phone.provider, begin } } })
    for (const word of ['one', 'two', 'three', 'four']) await runEnded(world, await world.say(word))
    expect(phone.rung).toHaveLength(3)
  })

  test('is not opened by a browser, and is not asked about by one', async () => {
    const { phone, world, wait, parts } = phoneWorld()
    await world.say('Go')
    const { id } = (await wait()) ?? { id: '' }
    phone.answer = 'granted'
    const deps = { ...world.deps, provider: () => parts.providers.get('phone') ?? phone.provider, exchangeDeadlineMs: 20_000 }
    expect(await new Consents(deps).open(id, [world.ada], undefined)).toEqual({ outcome: 'not_found' })
    expect(phone.polls).toEqual([])
  })

  test('whose provider is no longer configured ends with its time', async () => {
    const { phone, world, wait, parts } = phoneWorld()
    const runId = await world.say('Go')
    await wait()
    await world.runs.stop(SECOND)
    const without = new Runs(runDeps({ ...parts, providers: new Map() }, { runtime: world.runtime, store: world.store, owner: 'later' }))
    for (let seconds = 0; seconds < 400; seconds += 10) {
      await world.runtime.advance(10 * SECOND)
      await without.tick()
    }
    expect((await world.run(runId)).endedAt).not.toBeNull()
    expect(phone.polls).toEqual([])
  })

  test('that is granted after its run was stopped is given back', async () => {
    const { phone, world, wait, passes } = phoneWorld()
    await world.say('Go')
    await wait()
    const answer = held<PhoneAnswer>()
    phone.answer = () => answer.promise
    await passes(5 * SECOND)
    await world.runs.cancel('conversation-1', world.ada)
    answer.resolve('granted')
    await world.runs.stop(SECOND)
    expect(phone.revoked).toEqual(['token-1'])
    expect(await credentialsOf(world)).toEqual([])
  })
})

describe('a ping', () => {
  test('that brings the right token has the request asked about at once; any other changes nothing', async () => {
    const { phone, world, wait, passes } = phoneWorld()
    const runId = await world.say('Go')
    await wait()
    phone.answer = 'granted'
    await world.runs.ping({ requestId: 'request-1', token: pingTokenOf(2) })
    await world.runs.ping({ requestId: 'request-2', token: pingTokenOf(1) })
    await world.runs.ping({ requestId: 'request-1', token: '' })
    expect(phone.polls).toEqual([])
    await world.runs.ping({ requestId: 'request-1', token: pingTokenOf(1) })
    await runEnded(world, runId)
    expect(phone.polls).toHaveLength(1)
    expect(phone.polls[0]).toBeLessThan(5 * SECOND)
    await world.runs.ping({ requestId: 'request-1', token: pingTokenOf(1) })
    await passes(60 * SECOND)
    expect(phone.polls).toHaveLength(1)
  })

  test('that comes while the request is being asked about has it asked about once more, at once', async () => {
    const { phone, world, wait, passes, polled } = phoneWorld()
    const runId = await world.say('Go')
    await wait()
    const answer = held<PhoneAnswer>()
    phone.answer = () => answer.promise
    await passes(5 * SECOND)
    await polled(1)
    await world.runs.ping({ requestId: 'request-1', token: pingTokenOf(1) })
    phone.answer = 'granted'
    answer.resolve('pending')
    await until(world.store, async () => ((await waitsOf(world)).length === 2 ? true : undefined))
    await passes(0)
    await world.runs.tick()
    expect(await runEnded(world, runId)).toBe('done')
    expect(phone.polls).toHaveLength(2)
  })
})

function isAboutWait({ type }: RunEvent): boolean {
  return type.startsWith('interaction-') || type.startsWith('authorization-')
}

function held<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve = (_value: T): void => undefined
  const promise = new Promise<T>((done) => (resolve = done))
  return { promise, resolve }
}
