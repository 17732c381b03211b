import { expect, test } from 'vitest'
import { sealedSigner } from '../testing/sealed-signer.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import { memoryStore } from '../store/memory-store.ts'
import { appendToStream } from './append-to-stream.ts'
import { Checkpoints } from './checkpoints.ts'
import { type AuditEntry, NewestEntries, type Shown } from './newest-entries.ts'

test('the newest entries are those that came last, covered or not, in the order in which they came', async () => {
  const { append, checkpoints, newest } = open()
  for (let count = 0; count < 30; count += 1) {
    await append('principal:ada', 'principal:bob')
    if (count % 3 === 2) await checkpoints.close()
  }
  await append('instance')
  expect(names(await newest().last(6))).toEqual(['ada#29', 'bob#29', 'ada#30', 'bob#30', 'checkpoint 10', 'instance#1'])
  expect(names(await newest({ stream: 'principal:ada', isShown: (entry) => 'record' in entry }).last(3))).toEqual([
    'ada#28',
    'ada#29',
    'ada#30',
  ])
  expect(names(await newest({ isShown: (entry) => 'checkpoint' in entry }).last(2))).toEqual(['checkpoint 9', 'checkpoint 10'])
  expect(await newest().last(1_000)).toHaveLength(71)
})

test('who follows is shown each entry once, whenever it was covered', async () => {
  const { append, checkpoints, newest } = open()
  await append('principal:ada')
  const follower = newest()
  const seen = names(await follower.last(10))
  // Looked at while open; covered before the look; covered, and open again; covered between two looks.
  await append('principal:ada')
  seen.push(...names(await follower.next()))
  await append('principal:ada', 'principal:bob')
  await checkpoints.close()
  seen.push(...names(await follower.next()))
  await append('principal:bob')
  await checkpoints.close()
  await append('principal:bob')
  seen.push(...names(await follower.next()), ...names(await follower.next()))
  await checkpoints.close()
  seen.push(...names(await follower.next()))
  expect(seen.filter((name) => !name.startsWith('checkpoint'))).toEqual(['ada#1', 'ada#2', 'ada#3', 'bob#1', 'bob#2', 'bob#3'])
  expect(seen.filter((name) => name.startsWith('checkpoint'))).toEqual(['checkpoint 1', 'checkpoint 2', 'checkpoint 3'])
})

function open() {
  const runtime = virtualRuntime()
  const store = memoryStore(runtime)
  const checkpoints = new Checkpoints({ store, runtime, signer: sealedSigner(runtime) })
  const record = { type: 'disconnect', principal: 'ada', provider: 'demo' } as const
  const append = async (...streams: readonly string[]): Promise<void> => {
    for (const stream of streams) {
      await runtime.advance(1)
      await store.transact('append', (transaction) => appendToStream(transaction, runtime, { stream, record }))
    }
  }
  return { append, checkpoints, newest: (shows: Shown = { isShown: () => true }) => new NewestEntries(store, shows) }
}

function names(entries: readonly AuditEntry[]): string[] {
  return entries.map((entry) =>
    'record' in entry ? `${entry.record.stream.replace('principal:', '')}#${entry.record.number}` : `checkpoint ${entry.checkpoint.number}`,
  )
}
