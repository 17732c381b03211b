import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@countersign/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeRuntime } from '../runtime/node-runtime.ts'
import { loadKeyRing } from './key-ring.ts'

const runtime = nodeRuntime(silentLog)
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keys '))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('the first start makes keys that only their owner can read, and the second one finds them', () => {
  const file = join(folder, '.countersign', 'keys.json')
  const first = loadKeyRing(file, runtime)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, '.countersign')).mode & 0o777).toBe(0o700)
  expect(loadKeyRing(file, runtime)).toEqual(first)
  expect(first.session[0].bytes).not.toEqual(first.vault[0].bytes)
})

test.each([
  ['no JSON', '{', 'is not JSON'],
  ['another form', '{"session":[]}', 'is not of the known form'],
  ['a short key', JSON.stringify({ session: [{ id: 'a', key: 'AAAA' }], vault: [{ id: 'a', key: 'AAAA' }] }), 'must have 32 bytes'],
])('a key file with %s is refused and kept', (_what, text, sentence) => {
  const file = join(folder, 'keys.json')
  writeFileSync(file, text)
  expect(() => loadKeyRing(file, runtime)).toThrow(sentence)
  expect(readFileSync(file, 'utf8')).toBe(text)
})
