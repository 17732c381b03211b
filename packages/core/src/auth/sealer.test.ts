import { expect, test } from 'vitest'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import type { SealingKey } from '../runtime/key-source.ts'
import { type Sealer, createSealer } from './sealer.ts'

const [older, newer, stranger]: readonly SealingKey[] = ['older', 'newer', 'stranger'].map((id, index) => {
  return { id, bytes: new Uint8Array(32).fill(index + 1) }
})
const place = ['vault-key', 'ada', 'calendar']

test('what was sealed opens at its place', async () => {
  const sealer = ring(older)
  expect(await sealer.open(await sealer.seal('the token', place), place)).toBe('the token')
})

test('the same text is never sealed alike', async () => {
  const sealer = ring(older)
  expect(await sealer.seal('the token', place)).not.toBe(await sealer.seal('the token', place))
})

test.each([
  ['another key', ['other-key', 'ada', 'calendar']],
  ['another person', ['vault-key', 'mallory', 'calendar']],
  ['another provider', ['vault-key', 'ada', 'mail']],
  ['parts joined otherwise', ['vault-key', 'ada","calendar']],
  ['a part less', ['vault-key', 'ada']],
])('what was sealed does not open at %s', async (_name, elsewhere) => {
  const sealer = ring(older)
  await expect(sealer.open(await sealer.seal('the token', place), elsewhere)).rejects.toMatchObject({ code: 'invalid_seal' })
})

test('after a rotation the older key still opens, and the newest seals', async () => {
  const before = await ring(older).seal('the token', place)
  const rotated = ring(newer, older)
  expect(await rotated.open(before, place)).toBe('the token')
  const after = await rotated.seal('the token', place)
  expect([before, after].map((sealed) => sealed.split('.')[1])).toEqual(['older', 'newer'])
  expect(await ring(newer).open(after, place)).toBe('the token')
})

test('an unknown key is named, and nothing is opened', async () => {
  const sealed = await ring(stranger).seal('the token', place)
  await expect(ring(newer, older).open(sealed, place)).rejects.toMatchObject({
    code: 'invalid_seal',
    message: expect.stringContaining('"stranger"'),
  })
})

test('a key of the same name but other bytes opens nothing', async () => {
  const sealed = await ring(older).seal('the token', place)
  const impostor = { id: 'older', bytes: new Uint8Array(32).fill(9) }
  await expect(ring(impostor).open(sealed, place)).rejects.toMatchObject({ code: 'invalid_seal' })
})

test.each([
  ['nothing', () => ''],
  ['a changed text', (sealed: string) => `${sealed.slice(0, -2)}AA`],
  ['a cut text', (sealed: string) => sealed.slice(0, -4)],
  ['another version', (sealed: string) => sealed.replace('v1', 'v2')],
  ['a part less', (sealed: string) => sealed.split('.').slice(0, 3).join('.')],
  ['what is not base64url', (sealed: string) => `${sealed.slice(0, sealed.lastIndexOf('.'))}.§§§§`],
])('%s is invalid, whatever it was', async (_name, change) => {
  const sealer = ring(older)
  const sealed = await sealer.seal('a token long enough to be changed', place)
  await expect(sealer.open(change(sealed), place)).rejects.toMatchObject({ code: 'invalid_seal' })
})

function ring(...keys: readonly (SealingKey | undefined)[]): Sealer {
  const [first, ...others] = keys.filter((each) => each !== undefined)
  if (!first) throw new Error('a ring has a key')
  return createSealer([first, ...others], virtualRuntime())
}
