import type { LogFacts } from '@countersign/core'
import { expect, test } from 'vitest'
import { inWords, type LogLevel, type LogPlace, pinoLog } from './pino-log.ts'

/** A place for lines, and a clock. */
function paper(): LogPlace & { readonly lines: string[]; at: number } {
  const place = {
    lines: [] as string[],
    at: Date.UTC(2026, 0, 1),
    write: (line: string) => void place.lines.push(line),
    now: () => place.at,
  }
  return place
}

function written(facts: LogFacts, message = 'it happened'): Record<string, unknown> {
  const place = paper()
  pinoLog('debug', place).info(message, facts)
  expect(place.lines).toHaveLength(1)
  return JSON.parse(place.lines[0] ?? '') as Record<string, unknown>
}

test('a line is one JSON object with its time, its level in words, its message and its facts', () => {
  expect(written({ run: 'r1', ms: 7 })).toEqual({ time: '2026-01-01T00:00:00.000Z', level: 'info', msg: 'it happened', run: 'r1', ms: 7 })
})

test('a fact that is not on the list is not written, whatever it is called', () => {
  // As a caller without types could.
  const facts = { run: 'r1', anything: 'planted', token: 'planted', nested: { run: 'planted' } } as unknown as LogFacts
  expect(JSON.stringify(written(facts))).not.toContain('planted')
})

test('what moves a cursor, ends a line or turns it round is not written, in facts and messages', () => {
  const evil = 'a\r\n{"level":"error","msg":"forged"}\u001b]8;;http://evil\u0007\u009b31m\u202Eexe\u2066\u2028\u200Bz\uD800'
  const line = written({ origin: evil }, `said ${evil}`)
  for (const text of [line['origin'], line['msg']]) expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
  expect(line['origin']).toContain('a {"level":"error","msg":"forged"}')
})

const secrets: Readonly<Record<string, readonly [string, string]>> = {
  'the query of an address': [
    'went to https://app.example/auth/redirect?code=abc&state=def and back',
    'went to https://app.example/auth/redirect?… and back',
  ],
  'the fragment of an address': ['https://app.example/#access_token=abc', 'https://app.example/?…'],
  'a password in an address': ['postgres://ada:hunter2@db.example/x', 'postgres://[secret]@db.example/x'],
  'an Authorization header': ['sent Bearer abcdefgh-1234', 'sent Bearer [secret]'],
  'a JSON web token': ['got eyJhbGciOi.J9eyJ.sig-n_1 back', 'got [secret] back'],
  'a form': ['code_verifier=abc&client_secret=d&x=y', 'code_verifier=[secret]&client_secret=[secret]&x=y'],
}

test.each(Object.entries(secrets))('%s is masked wherever it stands', (_name, [text, shown]) => {
  expect(written({ error: text })).toMatchObject({ error: shown })
})

test('a text without end is cut, and costs no more than its beginning', () => {
  const began = performance.now()
  const { error } = written({ error: 'code=://'.repeat(1_000_000) })
  expect(String(error).length).toBeLessThan(1_010)
  expect(performance.now() - began).toBeLessThan(100)
})

test('of a flood of lines alike the first are written, and later how many there were', () => {
  const place = paper()
  const log = pinoLog('info', place)
  for (let count = 0; count < 10_000; count += 1) log.warn('socket refused', { origin: `http://${count}.example` })
  log.warn('something else')
  expect(place.lines).toHaveLength(51)
  place.at += 10_000
  log.warn('socket refused')
  expect(JSON.parse(place.lines.at(-1) ?? '')).toMatchObject({ msg: 'socket refused', leftOut: 9_950 })
})

test.each<readonly [LogLevel, number]>([
  ['debug', 4],
  ['info', 3],
  ['warn', 2],
  ['error', 1],
  ['silent', 0],
])('the level %s writes %i of four lines', (level, count) => {
  const place = paper()
  const log = pinoLog(level, place)
  log.debug('d')
  log.info('i')
  log.warn('w')
  log.error('e')
  expect(place.lines).toHaveLength(count)
})

test('in a terminal a line stands in words', () => {
  const place = paper()
  pinoLog('info', place).warn('socket refused', { origin: 'http://evil.example', why: 'not on the list' })
  expect(inWords(place.lines[0] ?? '')).toBe('00:00:00 warn  socket refused: origin=http://evil.example why="not on the list"')
})
