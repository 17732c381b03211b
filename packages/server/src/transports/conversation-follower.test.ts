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
  return {
    store,
    seen,
    follower: new ConversationFollower(store, { conversationId: 'c', seq: from }, { deliver: (event) => seen.push(event) }),
  }
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

test('what was missed is told as fast as the reader takes it, and all of it', async () => {
  const store = memoryStore(virtualRuntime())
  await store.transact('earlier', async (transaction) => {
    await transaction.insert('events', ...Array.from({ length: 250 }, (_, at) => row(at + 1)))
  })
  const seen: number[] = []
  let taken = 0
  let goOn = (): void => undefined
  const pace = {
    get isFull(): boolean {
      return seen.length - taken >= 3
    },
    async room(): Promise<void> {
      while (pace.isFull) await new Promise<void>((resolve) => (goOn = resolve))
    },
  }
  const follower = new ConversationFollower(store, { conversationId: 'c', seq: 0 }, { pace, deliver: ({ seq }) => seen.push(seq) })
  const read = follower.read()
  await settled()
  expect(seen).toEqual([1, 2, 3])
  // Live, while it catches up: told in its turn.
  await append(store, [row(251)])
  while (seen.length < 251) {
    taken = seen.length
    goOn()
    await settled()
    expect(seen.length - taken).toBeLessThanOrEqual(3)
  }
  taken = seen.length
  goOn()
  await read
  expect(seen).toEqual(Array.from({ length: 251 }, (_, at) => at + 1))
})

test('a conversation that did not exist yet is told only to whom it turns out to belong', async () => {
  const store = memoryStore(virtualRuntime())
  const seen: Readonly<Record<string, number[]>> = { ada: [], eve: [] }
  for (const [name, events] of Object.entries(seen)) {
    const reader = {
      deliver: ({ seq }: LoggedEvent) => events.push(seq),
      mayRead: ({ principalId }: Rows['conversations']) => principalId === name,
    }
    await new ConversationFollower(store, { conversationId: 'c', seq: 0 }, reader).read()
  }
  const conversation = {
    id: 'c',
    principalId: 'ada',
    sessionId: null,
    seq: 1,
    messageCount: 0,
    auditNumber: 0,
    auditHead: '',
    createdAt: 0,
    auditOpen: 0,
    auditSigned: 0,
    eventCount: 1,
    keptFrom: 1,
    thinnedTo: 0,
  }
  await store.transact('open', (transaction) => transaction.insert('conversations', conversation))
  for (const seq of [1, 2, 3]) await append(store, [row(seq)])
  await settled()
  expect(seen).toEqual({ ada: [1, 2, 3], eve: [] })
})

test('a read that fails is made good by the next', async () => {
  const store = memoryStore(virtualRuntime())
  let isDown = true
  const failing: Store = {
    ...store,
    transact: (name, unit) => (isDown ? Promise.reject(new Error('down')) : store.transact(name, unit)),
    subscribe: (channel, listener, id) => store.subscribe(channel, listener, id),
  }
  const seen: number[] = []
  const follower = new ConversationFollower(failing, { conversationId: 'c', seq: 0 }, { deliver: ({ seq }) => seen.push(seq) })
  await append(store, [row(1)], [])
  await settled()
  isDown = false
  await append(store, [row(2)], [])
  await settled()
  expect(seen).toEqual([1, 2])
  expect(follower.seq).toBe(2)
})
