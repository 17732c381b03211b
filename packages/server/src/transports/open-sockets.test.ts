import { EventEmitter } from 'node:events'
import { memoryStore } from '@countersign/core'
import { virtualRuntime } from '@countersign/core/testing'
import { expect, test } from 'vitest'
import { OpenSockets } from './open-sockets.ts'

class Socket extends EventEmitter {
  readonly closed: number[] = []
  close(code: number): void {
    this.closed.push(code)
    this.emit('close')
  }
}

function open() {
  const runtime = virtualRuntime()
  const store = memoryStore(runtime)
  const sockets = new OpenSockets({ store, runtime })
  const end = (id: string): Promise<void> => store.transact('end', async (transaction) => transaction.notify('session', id))
  const add = (sessionId: string): Socket => {
    const socket = new Socket()
    sockets.add(sessionId, socket)
    return socket
  }
  return { runtime, end, add }
}

test('a session that ends closes all its sockets with 4401, and no other', async () => {
  const { end, add } = open()
  const [first, second, other] = [add('ada'), add('ada'), add('grace')]
  await end('ada')
  expect([first, second, other].map(({ closed }) => closed)).toEqual([[4401], [4401], []])
})

test('a socket that was admitted before the end and opens after it is closed at once', async () => {
  const { end, add, runtime } = open()
  await end('ada')
  await runtime.advance(30_000)
  expect(add('ada').closed).toEqual([4401])
  expect(add('grace').closed).toEqual([])
})

test('a socket that is closed already is not closed again', async () => {
  const { end, add } = open()
  const socket = add('ada')
  socket.close(1000)
  await end('ada')
  expect(socket.closed).toEqual([1000])
})
