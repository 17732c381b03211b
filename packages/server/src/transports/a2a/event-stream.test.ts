import { memoryStore, type Rows, type Store } from '@countersign/core'
import { people, settled, virtualRuntime } from '@countersign/core/testing'
import { expect, test } from 'vitest'
import { eventStream } from './event-stream.ts'
import { followTask } from './follow-task.ts'

const runtime = virtualRuntime()
const run: Rows['runs'] = {
  id: 'r',
  conversationId: 'c',
  messageId: 'm',
  text: 'Hello',
  active: 'c',
  workflow: 'w',
  principal: people.ada.principal,
  sessionId: null,
  state: 'ready',
  owner: null,
  fence: 0,
  lease: 0,
  wake: 0,
  cancel: null,
  turn: 0,
  toolDigests: {},
  createdAt: 0,
  endedAt: null,
  presence: 'nobody',
}

test('a reader that goes away while its stream is held back leaves nobody listening', async () => {
  const { store, listeners } = countedStore()
  const gone = new AbortController()
  const stories = followTask({ store }, { run, before: 0 }, { from: 'now', signal: gone.signal })
  // Its first event fills the stream: nothing more is asked for before somebody reads.
  const response = eventStream(stories, { runtime, beatMs: 1_000, end: () => gone.abort() })
  await settled()
  expect(listeners()).toBe(1)
  await response.body?.cancel()
  await settled()
  expect([listeners(), gone.signal.aborted, runtime.nextTimerAt()]).toEqual([0, true, undefined])
})

test('a reader that goes away while nothing happens leaves nobody listening either', async () => {
  const { store, listeners } = countedStore()
  const gone = new AbortController()
  const stories = followTask({ store }, { run, before: 0 }, { from: 'now', signal: gone.signal })
  const reader = eventStream(stories, { runtime, beatMs: 1_000, end: () => gone.abort() }).body?.getReader()
  await reader?.read()
  await settled()
  expect(listeners()).toBe(1)
  await reader?.cancel()
  await settled()
  expect([listeners(), gone.signal.aborted, runtime.nextTimerAt()]).toEqual([0, true, undefined])
})

/** A store, and how many listen to it. */
function countedStore(): { readonly store: Store; readonly listeners: () => number } {
  const store = memoryStore(runtime)
  let count = 0
  const subscribe: Store['subscribe'] = (...words) => {
    const stop = store.subscribe(...words)
    count += 1
    return () => {
      count -= 1
      stop()
    }
  }
  const counted: Store = {
    transact: (name, unit) => store.transact(name, unit),
    subscribe,
    stats: () => store.stats(),
    close: () => store.close(),
  }
  return { store: counted, listeners: () => count }
}
