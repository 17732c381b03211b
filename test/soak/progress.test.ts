import { expect, test } from 'vitest'
import { Watch } from './progress.ts'

function watched(isTTY: boolean) {
  const clock = { now: 0 }
  const written: string[] = []
  return { clock, written, watch: new Watch({ isTTY, write: (text) => written.push(text) }, () => clock.now) }
}

test('without a terminal, progress is a plain line now and then, with the time it will take', () => {
  const { clock, written, watch } = watched(false)
  const progress = watch.follow('kill', 100)
  for (let round = 1; round <= 100; round += 1) {
    clock.now += 1_000
    progress(round)
  }
  expect(written[0]).toBe('  kill: round 10 of 100, 2 min to go\n')
  expect(written).toHaveLength(10)
  expect(written.at(-1)).toBe('  kill: round 100 of 100\n')
  expect(written.join('')).not.toContain('\x1b')
})

test('a terminal has one line, and what was found stands above it', () => {
  const { clock, written, watch } = watched(true)
  const progress = watch.follow('race', 3)
  clock.now += 1_000
  progress(1)
  watch.say('LOST something')
  expect(written).toEqual(['\r\x1b[K  race: round 1 of 3, 2 s to go', '\r\x1b[KLOST something\n  race: round 1 of 3, 2 s to go'])
})
