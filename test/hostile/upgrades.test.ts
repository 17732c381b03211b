import { once } from 'node:events'
import { expect, test } from 'vitest'
import { hostileStage } from './hostile-stage.ts'
import { handshake, rawConnection, requestHead } from './raw-connection.ts'

test('a request that offers another protocol is answered as if it did not, and cutting it off hurts nobody', async () => {
  const { port, isHealthy } = await hostileStage()
  const asked = await rawConnection(port)
  asked.send(
    requestHead(port, 'GET /auth/page.css', {
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABkAAQAAP__',
    }),
  )
  const answer = (await asked.ended).toString()
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  expect(answer).toMatch(/connection: close\r\n[^]*\r\n\r\n:root/)
  const cut = await rawConnection(port)
  cut.send(requestHead(port, 'GET /api/me', { connection: 'Upgrade', upgrade: 'anything' }))
  cut.socket.resetAndDestroy()
  await cut.ended
  expect(await isHealthy()).toBe(true)
})

test('a refused upgrade says why, and its connection ends although the client keeps its side open', async () => {
  const { port } = await hostileStage()
  const refused = await rawConnection(port)
  refused.socket.allowHalfOpen = true
  refused.send(handshake(port, { origin: 'http://evil.example' }))
  await once(refused.socket, 'end')
  // Who still holds the connection would take this in silence, until nothing more fits in.
  const goOn = (): boolean => refused.socket.write('more', () => refused.socket.writable && goOn())
  goOn()
  expect((await refused.ended).toString()).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[^]*\r\n\r\nthis origin may not open the socket/)
})
