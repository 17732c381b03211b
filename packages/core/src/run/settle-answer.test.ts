import { describe, expect, test } from 'vitest'
import { phoneWorld, runEnded, sayAs, SECOND } from '../testing/phone-world.ts'
import { pingTokenOf } from '../testing/scripted-phone.ts'
import { until } from '../testing/until.ts'

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

  test('not when their device was asked too often: the request that is there still counts', async () => {
    const { phone, world, wait, passes } = phoneWorld({ limits: { pushesPerMinute: 1 } })
    const runId = await world.say('Go')
    await wait()
    await passes(10 * SECOND)
    expect(await world.answer({ action: 'resend' })).toMatchObject({ outcome: 'invalid', problem: expect.stringContaining('too often') })
    phone.answer = 'granted'
    expect(await runEnded(world, runId)).toBe('done')
    expect(phone.rung).toHaveLength(1)
  })

  test('a no from here is no word of whoever has the device: others may ask them', async () => {
    const { phone, world, wait } = phoneWorld()
    await world.say('Go')
    await wait()
    await world.answer({ action: 'decline' })
    await sayAs(world, 'user:grace', 'Go')
    await until(world.store, async () => (phone.rung.length === 2 ? true : undefined))
  })

  test('a message is never a yes', async () => {
    const { world, wait } = phoneWorld()
    await world.say('Go')
    await wait()
    expect(await world.answer({ action: 'accept', answer: null })).toMatchObject({ outcome: 'invalid' })
    expect(await world.openQuestions()).toHaveLength(1)
  })
})
