import { paths } from '@countersign/core/testing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { attackStage, type AttackedPerson } from '../attacks/attack-stage.ts'
import { rawGet } from '../attacks/raw-get.ts'

/** Stands in everything that is made up, and may be found nowhere afterwards. */
const PLANTED = 'planted-7Qx2'
const nasty = fc.oneof(
  fc.constantFrom('', '\r\nx-planted: 1', '\0', '<script>', '../..', '%', '{{7*7}}', '\u2028', 'x'.repeat(1_500)),
  fc.string({ unit: 'binary', maxLength: 20 }),
)
const madeUp = nasty.map((text) => `${PLANTED}${text}`)
const true_ = fc.constantFrom('the true one')

test('only the true answer finishes a sign-in; all others are refused, repeated nowhere and logged nowhere', async () => {
  const stage = await attackStage()
  const { origin, provider, lines } = stage
  const ada = await stage.person()
  const callback = new URL(await caughtCallback(ada))
  const truth = Object.fromEntries(callback.searchParams)
  const name = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('state', 'code', 'iss', 'error', 'error_description') },
    { weight: 1, arbitrary: nasty },
  )
  const query = fc
    .array(fc.tuple(name, fc.oneof(true_, madeUp)), { maxLength: 6 })
    .map((members) => members.map(([key, value]) => [key, value === 'the true one' ? (truth[key] ?? PLANTED) : value] as const))
  const cookies = fc.constantFrom(ada.browser.cookiesOf(origin), '', `countersign-session=${PLANTED}; __proto__=${PLANTED}`)
  await fc.assert(
    fc.asyncProperty(
      query.filter((members) => !isTrue(members, truth)),
      cookies,
      async (members, cookie) => {
        const search = members.map(([key, value]) => `${encoded(key)}=${encoded(value)}`).join('&')
        const answer = await rawGet(`${origin}${callback.pathname}?${search}`, cookie)
        expect(answer.status).toBeGreaterThanOrEqual(400)
        expect(answer.status).toBeLessThan(500)
        expect(JSON.stringify(answer)).not.toContain(PLANTED)
      },
    ),
    { numRuns: 300 },
  )
  expect(provider.count(paths.token)).toBe(0)
  expect(lines.filter((line) => line.includes(PLANTED) || line.includes(truth['state'] ?? PLANTED))).toEqual([])
  expect((await ada.browser.visit(callback.href)).response.status).toBe(200)
}, 30_000)

test('whatever stands where an id belongs opens nothing', async () => {
  const stage = await attackStage()
  const { origin } = stage
  const ada = await stage.person()
  const startUrl = await ada.ask()
  const id = startUrl.slice(startUrl.lastIndexOf('/') + 1)
  const nearly = fc.tuple(fc.nat(id.length), nasty).map(([at, text]) => id.slice(0, at) + text + id.slice(at + 1))
  const cookie = ada.browser.cookiesOf(origin)
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(nearly, madeUp).filter((text) => text !== id && text !== '' && !/^\.\.?$/.test(text)),
      async (text) => {
        const answer = await rawGet(`${origin}/auth/start/${encoded(text)}`, cookie)
        expect([403, 404]).toContain(answer.status)
        expect(answer.headers).not.toHaveProperty('location')
        expect(answer.headers).not.toHaveProperty('set-cookie')
        expect(JSON.stringify(answer)).not.toMatch(/x-planted|planted-/i)
      },
    ),
    { numRuns: 200 },
  )
  expect((await ada.browser.visit(startUrl)).response.status).toBe(200)
}, 30_000)

test('a page that is asked for under another name is led to ours, whatever its path says', async () => {
  const { origin, server } = await attackStage()
  const path = fc.array(
    fc.oneof(
      fc.constantFrom('/', '//', '\\', '/.', '/..', '@', 'evil.example', '%2f', '%5c', '%0d%0ax-planted:1', '?', '#', 'javascript:'),
      nasty.map(encoded),
    ),
    { maxLength: 6 },
  )
  await fc.assert(
    fc.asyncProperty(path, async (parts) => {
      const { status, headers } = await rawGet(`http://127.0.0.1:${server.port}/${parts.join('').replaceAll('\\', '%5c')}`, '')
      expect(headers).not.toHaveProperty('x-planted')
      const { location } = headers as { location?: string }
      // Every one but the address of health, which has no other name.
      expect([status, location === undefined ? origin : new URL(location).origin]).toEqual([status === 200 ? 200 : 307, origin])
      expect(location ?? '').toMatch(/^[\x21-\x7e]*$/)
    }),
    { numRuns: 200 },
  )
}, 30_000)

/** Whether it is what the authorization server said: then it is no attack. */
function isTrue(members: readonly (readonly [string, string])[], truth: Readonly<Record<string, string>>): boolean {
  const only = (name: string): boolean => {
    const values = members.flatMap(([key, value]) => (key === name ? [value] : []))
    return values.length === 1 && values[0] === truth[name]
  }
  return only('state') && only('iss')
}

/** Each byte as a browser may write it. */
function encoded(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => (/[\w.~-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`))
    .join('')
}

/** Signs in as far as the address to which the browser is sent back; nobody has gone there yet. */
async function caughtCallback(person: AttackedPerson): Promise<string> {
  const { next: provider } = await person.browser.step(await person.ask())
  const { next: callback } = await person.browser.step(provider ?? '')
  return callback ?? ''
}
