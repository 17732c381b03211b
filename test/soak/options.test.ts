import { expect, test } from 'vitest'
import { parts, readOptions } from './options.ts'

test('a soak is on SQLite, 300 rounds of every part, unless it is asked for otherwise', () => {
  expect(readOptions([])).toMatchObject({ store: 'sqlite', rounds: 300, parts })
  expect(readOptions(['--store', 'postgres', '--rounds', '12', '--only', 'race', '--seed', '7'])).toEqual({
    store: 'postgres',
    rounds: 12,
    parts: ['race'],
    seed: 7,
  })
  expect(readOptions(['--help', '--rounds', 'many'])).toBe('help')
})

test.each([
  [['--store', 'mysql'], '--store is sqlite or postgres, not "mysql"'],
  [['--rounds', '0'], '--rounds is a whole number from 1, not "0"'],
  [['--rounds', '1e9.5'], '--rounds is a whole number from 1, not "1e9.5"'],
  [['--only', 'all'], '--only is one of kill, race, refresh, cut, faults, not "all"'],
  [['--tore', 'sqlite'], "Unknown option '--tore'"],
])('%j is refused with a sentence', (args, sentence) => {
  expect(() => readOptions(args)).toThrow(sentence)
})
