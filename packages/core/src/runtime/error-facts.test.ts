import { expect, test } from 'vitest'
import { CountersignError } from '../errors.ts'
import { errorFacts } from './error-facts.ts'

const token = 'eyJhbGciOiJSUzI1NiJ9.planted-4eX8sT0aQ7mW2kZ9.c2lnbmF0dXJl'

test('an error of ours is told by its code and sentence, and what caused it by the names of the chain', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code: 'ECONNREFUSED' })
  const cause = new TypeError('fetch failed', { cause: refused })
  expect(errorFacts(new CountersignError('upstream_failed', 'the token endpoint could not be reached', { cause }))).toEqual({
    code: 'upstream_failed',
    error: 'the token endpoint could not be reached',
    cause: 'TypeError < ECONNREFUSED',
  })
})

test('any other error is told by its class and where it was thrown', () => {
  const facts = errorFacts(new TypeError('Cannot read properties of undefined'))
  expect(facts).toMatchObject({ code: 'unexpected', error: 'TypeError' })
  expect(facts.stack).toMatch(/^[^<]*error-facts\.test\.ts:\d+:\d+ < /)
})

const quoting: Readonly<Record<string, () => unknown>> = {
  'the JSON parser': () => JSON.parse(`{"access_token":"${token}"`),
  'the JSON parser, of a bare token': () => JSON.parse(token),
  headers: () => new Headers({ authorization: `Bearer ${token}\n` }),
  addresses: () => new URL(`//${token}`),
  'a library without quotes': () => {
    throw new Error(`refused: Bearer ${token} is not known\n    at ${token}`)
  },
  'a library whose class is named after its input': () => {
    throw Object.assign(new Error('no'), { name: token })
  },
}

test.each(Object.entries(quoting))('what %s would repeat of the input is not told', (_name, fail) => {
  const facts = JSON.stringify(errorFacts(thrownBy(fail)))
  expect(facts).toContain('"code":"unexpected"')
  for (let from = 0; from + 12 <= token.length; from += 1) expect(facts).not.toContain(token.slice(from, from + 12))
})

test.each([
  ['text', 'a thrown string'],
  [null, 'a thrown null'],
  [undefined, 'a thrown undefined'],
])('what was thrown and is no error (%j) is told by its type alone', (thrown, error) => {
  expect(errorFacts(thrown)).toEqual({ code: 'unexpected', error })
})

function thrownBy(fail: () => unknown): unknown {
  try {
    return fail()
  } catch (error) {
    return error
  }
}
