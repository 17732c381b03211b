import { settled, virtualRuntime } from '@countersign/core/testing'
import { expect, test } from 'vitest'
import { startScheduler } from './scheduler.ts'

test('a look that fails is logged, and the next one comes a second later', async () => {
  const runtime = virtualRuntime()
  let looks = 0
  const tick = async (): Promise<void> => {
    looks += 1
    if (looks === 1) throw new Error('no disk')
  }
  const stop = startScheduler({ tick }, runtime)
  await settled()
  expect(runtime.logged).toContainEqual(expect.objectContaining({ level: 'error', message: 'the look at due rows failed' }))
  await runtime.advance(1_000)
  expect(looks).toBe(2)
  await stop()
  await runtime.advance(5_000)
  expect(looks).toBe(2)
})

test('the next look comes as soon after the last as it is told', async () => {
  const runtime = virtualRuntime()
  const looked: number[] = []
  const stop = startScheduler({ tick: () => runtime.sleep(20) }, runtime, { everyMs: 50, looked: () => looked.push(runtime.now()) })
  await runtime.advance(200)
  const [first = 0, ...later] = looked
  expect(later.map((at) => at - first)).toEqual([70, 140])
  await stop()
})

test('who stops it waits for the look that is under way', async () => {
  const runtime = virtualRuntime()
  let finish = (): void => undefined
  const tick = (): Promise<void> => new Promise((resolve) => (finish = resolve))
  const stop = startScheduler({ tick }, runtime)
  let isOver = false
  const stopped = stop().then(() => (isOver = true))
  await settled()
  expect(isOver).toBe(false)
  finish()
  await stopped
  expect(isOver).toBe(true)
})
