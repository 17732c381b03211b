import { expect, test } from 'vitest'
import { stopOnSignal } from './stop-on-signal.ts'

/** What a process hears when a signal is sent to it. */
const hear = (signal: NodeJS.Signals): boolean => process.emit(signal, signal)

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 0],
] as const)('%s stops once, also when it arrives twice, and the exit code is %i', async (signal, code) => {
  let stops = 0
  const exitCode = stopOnSignal(async () => {
    stops += 1
  })
  hear(signal)
  hear(signal)
  expect(await exitCode).toBe(code)
  expect(stops).toBe(1)
})

test('a stop that fails is an exit code of its own', async () => {
  const exitCode = stopOnSignal(() => Promise.reject(new Error('no disk')))
  hear('SIGTERM')
  expect(await exitCode).toBe(1)
})
