import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSealer } from '@countersign/core'
import { virtualRuntime } from '@countersign/core/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readKeyFile, rotateKeys } from './key-file.ts'
import { openKeyRing } from './key-ring.ts'

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
  expect([second.session(), second.vault()]).toEqual([first.session(), first.vault()])
  expect(first.session()[0].bytes).not.toEqual(first.vault()[0].bytes)
})

test.each([
  ['no JSON', '{', 'is not JSON'],
  ['another form', '{"session":[]}', 'is not of the known form'],
  ['a member that is not known', JSON.stringify({ ...keys(), audit: [] }), 'is not of the known form'],
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
  const old = readKeyFile(file)
  await runtime.advance(60_000)
  rotateKeys(file, runtime)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const now = readKeyFile(file)
  expect([now?.session.slice(1), now?.vault.slice(1)]).toEqual([old?.session, old?.vault])
  expect(now?.vault[0].created).toBe(new Date(runtime.now()).toISOString())
  const after = await sealer.seal('the token', place)
  expect([before, after].map((sealed) => sealed.split('.')[1])).toEqual([old?.vault[0].id, now?.vault[0].id])
  expect([await sealer.open(before, place), await sealer.open(after, place)]).toEqual(['the token', 'the token'])
})

test('what another server has just sealed under a new key opens at once', async () => {
  const file = join(folder, 'keys.json')
  const mine = createSealer(openKeyRing(file, runtime).vault, runtime)
  rotateKeys(file, runtime)
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
  expect(() => rotateKeys(file, runtime)).toThrow('there is no key file')
  writeFileSync(file, '{"session":[]}')
  expect(() => rotateKeys(file, runtime)).toThrow('is not of the known form')
  expect(readFileSync(file, 'utf8')).toBe('{"session":[]}')
  writeFileSync(file, JSON.stringify(keys()))
  writeFileSync(`${file}.rotating`, '')
  expect(() => rotateKeys(file, runtime)).toThrow('another rotation is under way')
  rmSync(`${file}.rotating`)
  expect(rotateKeys(file, runtime).vault).toHaveLength(2)
})

/** A file of an earlier version: its keys do not say how old they are. */
function keys() {
  const key = { id: 'k-older', key: Buffer.alloc(32, 7).toString('base64') }
  return { session: [key], vault: [key] }
}
