import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openChat } from './chat-client.ts'
import { hostileStage } from './hostile-stage.ts'
import { handshake, rawConnection, requestHead } from './raw-connection.ts'

test('whatever bytes come, they are answered or cut off: no failure, no descriptor left, and the server goes on', async () => {
  const stage = await hostileStage({
    limits: { max_new_sessions_per_minute_and_address: 1_000_000, max_new_sessions_per_minute: 1_000_000 },
  })
  const { port } = stage
  const chat = await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'c' })
  const good = [
    requestHead(port, 'GET /health'),
    requestHead(port, 'GET /api/me', { cookie: 'a=b' }),
    requestHead(port, 'POST /api/me', { 'content-length': '5' }) + 'hello',
    requestHead(port, 'POST /nowhere', { 'transfer-encoding': 'chunked' }) + '5\r\nhello\r\n0\r\n\r\n',
    requestHead(port, 'GET /auth/start/x?y=z', { accept: 'text/html' }),
    requestHead(port, 'GET /auth/redirect?state=x&code=y'),
    handshake(port, {}, '?conversation_id=d'),
    handshake(port, { upgrade: 'h2c' }),
  ]
  const before = openDescriptors()
  await fc.assert(
    fc.asyncProperty(fc.array(spoilt(good), { minLength: 10, maxLength: 20 }), async (requests) => {
      const answers = requests.map(async (bytes) => {
        const connection = await rawConnection(port)
        connection.socket.end(bytes)
        return (await connection.ended).toString('latin1')
      })
      for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^(?:HTTP\/1\.1 (?:101|[234]\d\d) |$)/)
    }),
    { numRuns: 40, timeout: 8_000 },
  )
  expect(await chat.turn('hello', 'm1')).toBe('You said: hello')
  for (let look = 0; look < 5; look += 1)
    expect((await fetch(`${stage.origin}/health`, { headers: { connection: 'close' } })).ok).toBe(true)
  expect(openDescriptors()).toBeLessThanOrEqual(before + 5)
  expect(stage.lines.filter((line) => line.includes('failed'))).toEqual([])
}, 40_000)

/** One of these, with some of its bytes cut out, replaced, repeated, or followed by others. */
function spoilt(good: readonly string[]): fc.Arbitrary<Buffer> {
  const piece = fc.oneof(
    fc.constantFrom(
      '\r',
      '\n',
      '\r\n',
      '\r\n\r\n',
      ' ',
      '\t',
      ':',
      '\0',
      '\x7f',
      '%',
      '?',
      '#',
      '//',
      'HTTP/1.1',
      'Content-Length: 0\r\n',
      'Host: x\r\n',
      'Upgrade: websocket\r\n',
      '[]',
      'é',
    ),
    fc.string({ unit: 'binary-ascii', maxLength: 6 }),
  )
  const change = fc.record({ at: fc.nat(400), cut: fc.nat(12), piece, times: fc.oneof(fc.constant(1), fc.nat(30)) })
  return fc.tuple(fc.constantFrom(...good), fc.array(change, { maxLength: 4 })).map(([text, changes]) => {
    let bytes = text
    for (const { at, cut, piece: added, times } of changes) bytes = bytes.slice(0, at) + added.repeat(times) + bytes.slice(at + cut)
    return Buffer.from(bytes, 'latin1')
  })
}

/** The TCP connections of this process, in which both sides are. */
function openDescriptors(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
}
