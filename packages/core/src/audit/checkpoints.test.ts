import { expect, test } from 'vitest'
import { sealedSigner } from '../testing/sealed-signer.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import { memoryStore } from '../store/memory-store.ts'
import type { Store } from '../store/store.ts'
import { appendToStream } from './append-to-stream.ts'
import { coveredBy } from './checkpoint.ts'
import { Checkpoints } from './checkpoints.ts'
import { merkleRoot } from './merkle-root.ts'
import { verifyAudit } from './verify-audit.ts'

const runtime = virtualRuntime()
const signer = sealedSigner(runtime)

test('what has moved is signed ten seconds later; while nothing moves nothing is written, and a look every ten seconds is all it costs', async () => {
  const { store, checkpoints, rows } = open()
  await append(store, 'principal:ada')
  await checkpoints.tick()
  await append(store, 'principal:ada', 'principal:bob')
  await runtime.advance(9_000)
  await checkpoints.tick()
  expect(await rows()).toHaveLength(1)
  await runtime.advance(1_000)
  await checkpoints.tick()
  expect((await rows()).map(({ heads }) => heads.map(([stream, from, number]) => `${stream} ${from}-${number}`))).toEqual([
    ['principal:ada 0-1'],
    ['principal:ada 1-2', 'principal:bob 0-1'],
  ])
  const { commits, units } = store.stats()
  for (let second = 0; second < 30; second += 1) {
    await runtime.advance(1_000)
    await checkpoints.tick()
  }
  expect(store.stats()).toMatchObject({ commits, units: units + 3 })
})

test('a thousand records are signed at once, and fewer are not', async () => {
  const { store, checkpoints, rows } = open()
  await checkpoints.tick()
  for (let count = 0; count < 999; count += 1) await append(store, `principal:${count % 200}`)
  await checkpoints.tick()
  expect(await rows()).toEqual([])
  for (let count = 0; count < 300; count += 1) await append(store, `principal:${count}`)
  await checkpoints.tick()
  // More chains than fit into one checkpoint go into the next.
  expect((await rows()).map(({ heads }) => heads.length)).toEqual([256, 44])
  expect((await rows()).reduce((sum, row) => sum + coveredBy(row), 0)).toBe(1_299)
})

test('two processes sign each chain once, whatever their order, and the trail is whole', async () => {
  const { store, checkpoints, rows } = open()
  const other = new Checkpoints({ store, runtime, signer })
  for (let round = 0; round < 5; round += 1) {
    await append(store, 'principal:ada', 'principal:bob', 'instance')
    await runtime.advance(10_000)
    await Promise.all([checkpoints.tick(), other.tick(), append(store, 'principal:ada')])
  }
  await Promise.all([checkpoints.close(), other.close()])
  expect((await rows()).reduce((sum, row) => sum + coveredBy(row), 0)).toBe(20)
  const found: unknown[] = []
  const verdict = await verifyAudit({ store, runtime, signer, report: (finding) => found.push(finding) })
  expect(found).toEqual([])
  expect(verdict).toMatchObject({ isWhole: true, records: 20, uncovered: 0 })
})

test('a process that stops signs what is left', async () => {
  const { store, checkpoints, rows } = open()
  await checkpoints.tick()
  await append(store, 'principal:ada')
  await checkpoints.close()
  expect(await rows()).toHaveLength(1)
})

test('who signs sees at its next checkpoint that its last one was taken away while it ran', async () => {
  const { store, checkpoints } = open()
  await append(store, 'principal:ada')
  await checkpoints.tick()
  await store.transact('tamper', (transaction) => transaction.remove('checkpoints', {}))
  await append(store, 'principal:ada')
  await runtime.advance(10_000)
  await checkpoints.tick()
  expect(runtime.logged.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'error: a checkpoint of the audit is gone or was changed: run "countersign audit verify"',
  ])
})

test('a root is that of RFC 6962: leaves and inner nodes are hashed apart, what has no sibling moves up', () => {
  const node = (prefix: number, ...parts: readonly Uint8Array[]): Uint8Array =>
    runtime.sha256(Uint8Array.from([prefix, ...parts.flatMap((part) => [...part])]))
  const leaf = (text: string): Uint8Array => node(0, new TextEncoder().encode(JSON.stringify(text)))
  expect(merkleRoot(runtime, ['a'])).toEqual(leaf('a'))
  expect(merkleRoot(runtime, ['a', 'b', 'c'])).toEqual(node(1, node(1, leaf('a'), leaf('b')), leaf('c')))
  const five = node(1, node(1, node(1, leaf('a'), leaf('b')), node(1, leaf('c'), leaf('d'))), leaf('e'))
  expect(merkleRoot(runtime, ['a', 'b', 'c', 'd', 'e'])).toEqual(five)
})

function open() {
  const store = memoryStore(runtime)
  const rows = () => store.transact('rows', (transaction) => transaction.find('checkpoints', {}, { orderBy: 'number' }))
  return { store, rows, checkpoints: new Checkpoints({ store, runtime, signer }) }
}

async function append(store: Store, ...streams: readonly string[]): Promise<void> {
  for (const stream of streams)
    await store.transact('append', (transaction) =>
      appendToStream(transaction, runtime, { stream, record: { type: 'disconnect', principal: 'ada', provider: 'demo' } }),
    )
}
