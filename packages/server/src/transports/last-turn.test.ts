import type { Model, Rows } from '@countersign/core'
import { createWorld, CONVERSATION } from '@countersign/core/testing'
import { expect, test } from 'vitest'
import { beforeLastTurn } from './last-turn.ts'

test('of a turn that has just ended all is told again, and nothing of those before it', async () => {
  const { say, look, conversation } = open()
  await say('Hello')
  expect(await look()).toBe(0)
  const { seq } = await conversation()
  await say('Goodbye')
  expect(await look()).toBe(seq)
})

test('a turn that ended a minute ago has reached its client', async () => {
  const { say, look, runtime } = open()
  await say('Hello')
  await runtime.advance(59_000)
  expect(await look()).toBe(0)
  await runtime.advance(1_000)
  expect(await look()).toBeUndefined()
})

test('while a turn is under way the one before it is not told again', async () => {
  const { say, begin, look } = open()
  await say('Hello')
  await begin('Think')
  expect(await look()).toBeUndefined()
})

function open() {
  const world = createWorld({ model: patient })
  const { runtime, store } = world
  const conversation = async (): Promise<Rows['conversations']> => {
    const row = await store.transact('read', (transaction) => transaction.get('conversations', { id: CONVERSATION }))
    if (!row) throw new Error('somebody has said something')
    return row
  }
  /** Until its turn has ended; the next one begins later. */
  const say = async (text: string): Promise<void> => {
    const id = await world.say(text)
    await runtime.advance(1_000)
    expect((await world.run(id)).state).toBe('done')
  }
  return {
    runtime,
    conversation,
    say,
    begin: (text: string) => world.say(text),
    look: async () => beforeLastTurn(store, await conversation(), runtime.now()),
  }
}

/** Says everything back, but for what it thinks about for ever. */
const patient: Model = {
  name: 'patient',
  async *stream({ messages }) {
    const last = messages.at(-1)
    const text = last?.role === 'user' ? last.text : ''
    if (text === 'Think') await new Promise(() => undefined)
    yield { type: 'text', text }
  },
}
