import { type KeyList, memoryStore, verifyAudit } from '@countersign/core'
import { virtualRuntime } from '@countersign/core/testing'
import { expect, test } from 'vitest'
import type { KeyRing } from '../keys/key-ring.ts'
import { auditSigner } from './audit-signer.ts'
import { InstanceAudit } from './instance-audit.ts'

test('an instance records its start with the keys it uses, newer keys once each, and its stop, which is signed too', async () => {
  const { audit, ring, rotate, runtime, store, records } = open()
  await audit.tick()
  await audit.tick()
  rotate('k-2')
  await runtime.advance(1_000)
  await audit.tick()
  await audit.tick()
  await audit.close()
  const instance = 'id-1'
  expect(await records()).toEqual([
    { type: 'server-start', instance, keys: { session: 'k-1', vault: 'k-1', receipts: 'k-1', audit: 'k-1' } },
    { type: 'key-rotation', instance, keys: { session: 'k-2', vault: 'k-2', receipts: 'k-2', audit: 'k-2' } },
    { type: 'server-stop', instance },
  ])
  const checkpoints = await store.transact('rows', (transaction) => transaction.find('checkpoints', {}, { orderBy: 'number' }))
  expect(checkpoints.map((row) => row.key)).toEqual(['k-1', 'k-2'])
  // What older keys signed goes on counting.
  const found: unknown[] = []
  const verdict = await verifyAudit({ store, runtime, signer: auditSigner(ring.audit), report: (finding) => found.push(finding) })
  expect([verdict.isWhole, verdict.uncovered, found]).toEqual([true, 0, []])
})

test('a store that is away does not keep an instance from stopping: it is logged', async () => {
  const { audit, runtime, store } = open()
  await audit.tick()
  await store.close()
  await audit.close()
  expect(runtime.logged.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'error: the last records of the audit could not be signed; the next start does it',
  ])
})

test('a signature counts under its key only, and only for what was signed', () => {
  const bytes = new TextEncoder().encode('what was signed')
  const signer = auditSigner(() => [key('k-1'), key('k-2')])
  const made = signer.sign(bytes)
  const { signature } = made
  expect(made.key).toBe('k-1')
  expect(signature).toHaveLength(64)
  expect(signer.verify({ bytes, key: 'k-1', signature })).toBe('good')
  expect(signer.verify({ bytes, key: 'k-2', signature })).toBe('forged')
  expect(signer.verify({ bytes, key: 'k-3', signature })).toBe('unknown_key')
  expect(signer.verify({ bytes: bytes.slice(1), key: 'k-1', signature })).toBe('forged')
  expect(signer.verify({ bytes, key: 'k-1', signature: signature.slice(1) })).toBe('forged')
})

function open() {
  const runtime = virtualRuntime()
  const store = memoryStore(runtime)
  let keys: KeyList = [key('k-1')]
  const source = (): KeyList => keys
  const ring: KeyRing = { session: source, vault: source, receipts: source, audit: source }
  const audit = new InstanceAudit({ store, runtime, keys: ring, signer: auditSigner(ring.audit) })
  const records = async () => {
    const rows = await store.transact('rows', (transaction) => transaction.find('audits', { stream: 'instance' }, { orderBy: 'number' }))
    return rows.map(({ record }) => record)
  }
  const rotate = (id: string): void => {
    keys = [key(id), ...keys]
  }
  return { audit, ring, rotate, runtime, store, records }
}

function key(id: string): KeyList[0] {
  return { id, bytes: new Uint8Array(32).fill(id.charCodeAt(2)) }
}
