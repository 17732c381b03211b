import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSealer, Secret } from '@countersign/core'
import { virtualRuntime } from '@countersign/core/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureKeyFile, readKeyFile, rotateKeyFile } from './key-file.ts'
import { type KeyRing, openKeyRing as openRing } from './key-ring.ts'
import { keyUses, withNewestKeys, writeKeys } from './stored-keys.ts'

const place = ['vault-key', 'ada', 'calendar']
let runtime = virtualRuntime()
let folder = ''
beforeEach(() => {
  runtime = virtualRuntime()
  folder = mkdtempSync(join(tmpdir(), 'keys '))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('the first start makes keys that only their owner can read, and the second one finds them', () => {
  const file = join(folder, '.countersign', 'keys.json')
  const first = openKeyRing(file, runtime)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, '.countersign')).mode & 0o777).toBe(0o700)
  const second = openKeyRing(file, runtime)
  expect(namesOf(second)).toEqual(namesOf(first))
  expect(new Set(keyUses.map((use) => Buffer.from(first[use]()[0].bytes).toString('hex')))).toHaveLength(keyUses.length)
  expect(readdirSync(join(folder, '.countersign'))).toEqual(['keys.json'])
})

test.each([
  ['no JSON', '{', 'is not JSON'],
  ['another form', '{"session":[]}', 'is not of the known form'],
  ['a member that is not known', JSON.stringify({ ...keys(), other: [] }), 'is not of the known form'],
  ['a short key', JSON.stringify({ session: [{ id: 'a', key: 'AAAA' }], vault: [{ id: 'a', key: 'AAAA' }] }), 'must have 32 bytes'],
])('a key file with %s is refused and kept', (_what, text, sentence) => {
  const file = join(folder, 'keys.json')
  writeFileSync(file, text)
  expect(() => openKeyRing(file, runtime)).toThrow(sentence)
  expect(readFileSync(file, 'utf8')).toBe(text)
})

test('a rotation adds a newest key for each use and keeps the others; a ring that is open takes it up', async () => {
  const file = join(folder, 'keys.json')
  const ring = openKeyRing(file, runtime)
  const sealer = createSealer(ring.vault, runtime)
  const before = await sealer.seal('the token', place)
  const old = ensureKeyFile(file, runtime)
  await runtime.advance(60_000)
  rotateKeyFile(file, runtime)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const now = ensureKeyFile(file, runtime)
  for (const use of keyUses) expect(now[use].slice(1)).toEqual(old[use])
  expect(now.vault[0].created).toBe(new Date(runtime.now()).toISOString())
  const after = await sealer.seal('the token', place)
  expect([before, after].map((sealed) => sealed.split('.')[1])).toEqual([old?.vault[0].id, now.vault[0].id])
  expect([await sealer.open(before, place), await sealer.open(after, place)]).toEqual(['the token', 'the token'])
})

test('what another server has just sealed under a new key opens at once', async () => {
  const file = join(folder, 'keys.json')
  const mine = createSealer(openKeyRing(file, runtime).vault, runtime)
  rotateKeyFile(file, runtime)
  const theirs = createSealer(openKeyRing(file, runtime).vault, runtime)
  expect(await mine.open(await theirs.seal('the token', place), place)).toBe('the token')
})

test.each([
  ['cannot be used', (file: string) => writeFileSync(file, '{')],
  ['is gone', (file: string) => rmSync(file)],
])('a key file that %s while the server runs is said in the log, and the keys of before go on', async (_what, spoil) => {
  const file = join(folder, 'keys.json')
  const ring = openKeyRing(file, runtime)
  const before = ring.vault()
  spoil(file)
  await runtime.advance(5_000)
  expect([ring.vault(), ring.vault()]).toEqual([before, before])
  expect(runtime.logged.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'error: the key file cannot be used; the keys of before go on',
  ])
})

test('no rotation without a file, with one of an unknown form, or beside another rotation', () => {
  const file = join(folder, 'keys.json')
  expect(() => rotateKeyFile(file, runtime)).toThrow('there is no key file')
  writeFileSync(file, '{"session":[]}')
  expect(() => rotateKeyFile(file, runtime)).toThrow('is not of the known form')
  expect(readFileSync(file, 'utf8')).toBe('{"session":[]}')
  writeFileSync(file, JSON.stringify(keys()))
  writeFileSync(`${file}.rotating`, '')
  expect(() => rotateKeyFile(file, runtime)).toThrow('another rotation is under way')
  rmSync(`${file}.rotating`)
  expect(rotateKeyFile(file, runtime).vault).toHaveLength(2)
})

test('a file of an earlier version gets keys for what is new, once, and keeps its own', () => {
  const file = join(folder, 'keys.json')
  writeFileSync(file, JSON.stringify(keys()))
  const ring = openKeyRing(file, runtime)
  expect(readKeyFile(file)).toMatchObject({ ...keys(), receipts: [{ id: ring.receipts()[0].id }], audit: [{ id: ring.audit()[0].id }] })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(namesOf(openKeyRing(file, runtime))).toEqual(namesOf(ring))
})

test('keys that are given need no file, and are refused without being repeated when they cannot be used', () => {
  const text = writeKeys(ensureKeyFile(join(folder, 'keys.json'), runtime))
  const given = (value: string): KeyRing => openRing({ kind: 'given', keys: new Secret(value), by: 'COUNTERSIGN_KEYS' }, runtime)
  expect(namesOf(given(text))).toEqual(namesOf(openKeyRing(join(folder, 'keys.json'), runtime)))
  expect(() => given('hunter2')).toThrow('the value of COUNTERSIGN_KEYS is not JSON; give it the text of a key file')
  expect(() => given(JSON.stringify(keys()))).toThrow('the value of COUNTERSIGN_KEYS has no keys for "receipts" and "audit"')
})

test('given keys that are rotated open at once and seal a day later, so that servers which get them one after the other lose nothing', async () => {
  const before = ensureKeyFile(join(folder, 'keys.json'), runtime)
  const after = withNewestKeys(before, runtime, 24 * 60 * 60_000)
  const ringOf = (text: string): KeyRing => openRing({ kind: 'given', keys: new Secret(text), by: 'COUNTERSIGN_KEYS' }, runtime)
  const [old, updated] = [ringOf(writeKeys(before)), ringOf(writeKeys(after))]
  const [oldSealer, updatedSealer] = [createSealer(old.vault, runtime), createSealer(updated.vault, runtime)]
  expect(await oldSealer.open(await updatedSealer.seal('the token', place), place)).toBe('the token')
  await runtime.advance(24 * 60 * 60_000)
  const sealed = await updatedSealer.seal('the token', place)
  expect(sealed.split('.')[1]).toBe(after.vault[0].id)
  await expect(oldSealer.open(sealed, place)).rejects.toThrow(`no key "${after.vault[0].id}"`)
})

function openKeyRing(file: string, on: typeof runtime): KeyRing {
  return openRing({ kind: 'file', file }, on)
}

function namesOf(ring: KeyRing): readonly (readonly string[])[] {
  return keyUses.map((use) => ring[use]().map(({ id }) => id))
}

/** A file of an earlier version: its keys do not say how old they are. */
function keys() {
  const key = { id: 'k-older', key: Buffer.alloc(32, 7).toString('base64') }
  return { session: [key], vault: [key] }
}
