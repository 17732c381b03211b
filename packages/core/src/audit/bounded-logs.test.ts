import { expect, test } from 'vitest'
import { phoneWorld, runEnded, SECOND, waitsOf } from '../testing/phone-world.ts'
import { BoundedLogs } from './bounded-logs.ts'

test('of a long wait for another device the log keeps how it went last', async () => {
  const { phone, world, wait, passes, polled } = phoneWorld()
  const logs = new BoundedLogs(world, 100)
  const runId = await world.say('Go')
  await wait()
  for (let poll = 1; poll <= 30; poll += 1) {
    await passes(5 * SECOND)
    await polled(poll)
  }
  const [before, last] = [await waitsOf(world), (await waitsOf(world)).at(-1)]
  await logs.trim()
  expect(before.length).toBeGreaterThan(30)
  expect(await waitsOf(world)).toEqual([last])
  phone.answer = 'granted'
  expect(await runEnded(world, runId)).toBe('done')
})
