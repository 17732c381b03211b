import { expect, test } from 'vitest'
import { openChat } from './chat-client.ts'
import { hostileStage } from './hostile-stage.ts'
import { rawConnection, requestHead } from './raw-connection.ts'

const KIB = 1024

test('a body over the limit is refused, whether its length is told or not', async () => {
  const { port, isHealthy } = await hostileStage({ limits: { max_body_bytes: KIB } })
  const post = async (headers: Readonly<Record<string, string>>, body: string): Promise<number> =>
    (await rawConnection(port)).send(requestHead(port, 'POST /api/me', headers) + body).status()
  const chunk = `400\r\n${'x'.repeat(KIB)}\r\n`
  expect(await post({ 'content-length': `${KIB}` }, 'x'.repeat(KIB))).not.toBe(413)
  expect(await post({ 'content-length': `${KIB + 1}` }, 'x')).toBe(413)
  expect(await post({ 'transfer-encoding': 'chunked' }, `${chunk}0\r\n\r\n`)).not.toBe(413)
  expect(await post({ 'transfer-encoding': 'chunked' }, `${chunk}1\r\nx\r\n`)).toBe(413)
  expect(await (await rawConnection(port)).send(requestHead(port, 'GET /health', { 'content-length': '100000000' })).status()).toBe(413)
  expect(await isHealthy()).toBe(true)
})

test('a body that is packed is refused unread; one that is said to be as it is, is taken as it is', async () => {
  const { port } = await hostileStage()
  const post = async (line: string, headers: Readonly<Record<string, string>>, body: string): Promise<number> =>
    (await rawConnection(port)).send(requestHead(port, line, headers) + body).status()
  const chunks = '3\r\nabc\r\n0\r\n\r\n'
  const statuses: number[] = []
  for (const line of ['POST /api/me', 'POST /nowhere', 'PUT /health'])
    statuses.push(
      await post(line, { 'content-encoding': 'gzip', 'content-length': '3' }, 'abc'),
      await post(line, { 'content-encoding': 'br', 'transfer-encoding': 'chunked' }, chunks),
      await post(line, { 'content-encoding': 'gzip, gzip', 'content-length': '3' }, 'abc'),
      await post(line, { 'transfer-encoding': 'gzip, chunked' }, chunks),
    )
  expect(statuses).toEqual(statuses.map(() => 415))
  expect(await post('POST /nowhere', { 'content-encoding': 'identity', 'content-length': '3' }, 'abc')).toBe(404)
})

test('who sends headers or a body too slowly is told so and cut off, and a conversation goes on meanwhile', async () => {
  const stage = await hostileStage({ limits: { header_timeout_seconds: 1, request_timeout_seconds: 1.2 } })
  const slowHead = (await rawConnection(stage.port)).send('GET /health HTTP/1.1\r\nhost: ')
  const silent = await rawConnection(stage.port)
  const slowBody = (await rawConnection(stage.port)).send(
    requestHead(stage.port, 'POST /nowhere', { 'transfer-encoding': 'chunked' }) + '3\r\nabc\r\n',
  )
  const unread = (await rawConnection(stage.port)).send(requestHead(stage.port, 'POST /nowhere', { 'content-length': '10' }) + 'abc')
  const chat = await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'c' })
  expect(await chat.turn('hello', 'm1')).toBe('You said: hello')
  expect((await slowHead.ended).toString()).toMatch(/^HTTP\/1\.1 408 /)
  expect((await slowBody.ended).toString()).toMatch(/^HTTP\/1\.1 408 /)
  expect((await unread.ended).toString()).toMatch(/^HTTP\/1\.1 404 /)
  expect((await silent.ended).toString()).toMatch(/^(?:HTTP\/1\.1 408 |$)/)
  expect(await chat.turn('still there?', 'm2')).toBe('You said: still there?')
  expect(stage.lines.filter((line) => line.includes('failed'))).toEqual([])
}, 20_000)

test('who does not read answers is cut off', async () => {
  const { port, origin, isHealthy } = await hostileStage({
    limits: { answer_timeout_seconds: 0.5, header_timeout_seconds: 60, request_timeout_seconds: 60 },
  })
  const [, script = ''] = /<script[^>]* src="([^"]+)"/.exec(await (await fetch(origin)).text()) ?? []
  const deaf = await rawConnection(port)
  deaf.socket.pause()
  const ask = requestHead(port, `GET ${new URL(script, origin).pathname}`).repeat(20)
  // Never done by itself: the answers fill what lies between, and then nothing moves until the server gives up.
  const goOn = (): boolean => deaf.socket.write(ask, (error) => !error && goOn())
  goOn()
  await deaf.ended
  expect(await isHealthy()).toBe(true)
}, 20_000)

test('of one address only so many connections may be slow; a burst of honest ones is not, and comes through', async () => {
  const stage = await hostileStage({ limits: { max_half_open_per_address: 3, header_timeout_seconds: 60, request_timeout_seconds: 60 } })
  const burst = await Promise.all(Array.from({ length: 40 }, () => rawConnection(stage.port)))
  const health = requestHead(stage.port, 'GET /health', { connection: 'close' })
  expect(await Promise.all(burst.map((connection) => connection.send(health).status()))).toEqual(burst.map(() => 200))
  const slow = await Promise.all(Array.from({ length: 8 }, () => rawConnection(stage.port)))
  let cut = 0
  const cutOff = Promise.all(slow.slice(3).map(({ ended }) => ended))
  for (const { ended } of slow) void ended.then(() => (cut += 1))
  const used = (await rawConnection(stage.port)).send(requestHead(stage.port, 'GET /health'))
  expect(await used.status()).toBe(200)
  // One that was served once is as slow as any when it sends the next by and by.
  used.send(requestHead(stage.port, 'POST /nowhere', { 'transfer-encoding': 'chunked' }))
  await Promise.all([cutOff, used.ended])
  expect(await stage.isHealthy()).toBe(true)
  expect(cut).toBe(5)
}, 20_000)

test('beyond the connections that it may have, the server takes none, and those that it has go on', async () => {
  const { port } = await hostileStage({ limits: { max_sockets: 1, max_plain_connections: 2 } })
  const taken = await Promise.all([1, 2, 3].map(() => rawConnection(port)))
  const beyond = await rawConnection(port)
  expect((await beyond.ended).length).toBe(0)
  for (const connection of taken) expect(await connection.send(requestHead(port, 'GET /health')).status()).toBe(200)
})

const ambiguous: Readonly<Record<string, readonly [Readonly<Record<string, string>>, string]>> = {
  'two lengths': [{ 'content-length': '3', 'Content-Length': '4' }, 'abc'],
  'a length and chunks': [{ 'content-length': '3', 'transfer-encoding': 'chunked' }, '0\r\n\r\n'],
  'chunks that are not the last coding': [{ 'transfer-encoding': 'chunked, gzip' }, '0\r\n\r\n'],
  'a chunked that is not one': [{ 'transfer-encoding': 'xchunked' }, '0\r\n\r\n'],
  'a length with a sign': [{ 'content-length': '+3' }, 'abc'],
  'a space before the colon': [{ 'content-length ': '3' }, 'abc'],
}

test('what two servers could read differently is refused, and nothing behind it is read', async () => {
  const { port } = await hostileStage()
  const answers = Object.entries(ambiguous).map(async ([name, [headers, body]]) => {
    const smuggled = requestHead(port, 'GET /health')
    const { ended } = (await rawConnection(port)).send(requestHead(port, 'POST /api/me', headers) + body + smuggled)
    return [name, (await ended).toString('latin1').match(/HTTP\/1\.1 \d/g)]
  })
  expect(await Promise.all(answers)).toEqual(Object.keys(ambiguous).map((name) => [name, ['HTTP/1.1 4']]))
})

test('heads that are too large, broken, or name no host are refused', async () => {
  const { port, isHealthy } = await hostileStage()
  const answers = await Promise.all(
    [
      requestHead(port, 'GET /health', { 'x-large': 'x'.repeat(20_000) }),
      requestHead(port, 'GET /health', Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`x-${at}`, '1']))),
      requestHead(port, `GET /${'x'.repeat(20_000)}`),
      'GET /api/me HTTP/1.1\r\n\r\n',
      'GET /api/me HTTP/9.9\r\nhost: x\r\n\r\n',
      requestHead(port, 'GET /health', { 'x-nul': 'a\0b' }),
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      '\r\n\r\n\0\0\0garbage\r\n\r\n',
    ].map(async (bytes) => (await rawConnection(port)).send(Buffer.from(bytes, 'latin1')).status()),
  )
  expect(answers).toEqual([431, 431, 431, 400, 400, 400, 400, 400])
  expect(await isHealthy()).toBe(true)
})
