import { type LoggedEvent, type Rows, type Store, memoryStore } from '@countersign/core'
import { settled, virtualRuntime } from '@countersign/core/testing'
import { expect, test } from 'vitest'
import { ConversationFollower } from './conversation-follower.ts'

function row(seq: number): Rows['events'] {
  return { conversationId: 'c', seq, at: 0, event: { type: 'run-end', runId: `r${seq}`, state: 'done' } }
}

function follow(from = 0): { store: Store; seen: LoggedEvent[]; follower: ConversationFollower } {
  const store = memoryStore(virtualRuntime())
  const seen: LoggedEvent[] = []
  return { store, seen, follower: new ConversationFollower(store, { conversationId: 'c', seq: from }, (event) => seen.push(event)) }
}

function append(store: Store, rows: readonly Rows['events'][], told: readonly Rows['events'][] | undefined = rows): Promise<void> {
  return store.transact('append', async (transaction) => {
    await transaction.insert('events', ...rows)
    transaction.notify('conversation', 'c', told)
  })
}

test('what a commit brings along is delivered without reading it again', async () => {
  const { store, seen } = follow()
  await append(store, [row(1), row(2)])
  await append(store, [row(3)])
  await settled()
  expect(seen.map(({ seq }) => seq)).toEqual([1, 2, 3])
  expect(store.stats().units).toBe(2)
})

test('a commit that brings nothing along, as another process does, is read', async () => {
  const { store, seen } = follow()
  await append(store, [row(1)], [])
  await settled()
  expect(seen.map(({ seq }) => seq)).toEqual([1])
})

test('what does not follow on is read together with what was missed', async () => {
  const { store, seen } = follow()
  await store.transact('unheard', (transaction) => transaction.insert('events', row(1), row(2)))
  await append(store, [row(3)])
  await settled()
  expect(seen.map(({ seq }) => seq)).toEqual([1, 2, 3])
})

test('what comes while it reads is neither lost nor told twice', async () => {
  const { store, seen, follower } = follow()
  await store.transact('unheard', (transaction) => transaction.insert('events', row(1)))
  await Promise.all([follower.read(), append(store, [row(2)]), append(store, [row(3)])])
  await settled()
  expect(seen.map(({ seq }) => seq)).toEqual([1, 2, 3])
})

test('nothing is delivered to a follower that has stopped', async () => {
  const { store, seen, follower } = follow()
  follower.stop()
  await append(store, [row(1)])
  await settled()
  expect(seen).toEqual([])
})
