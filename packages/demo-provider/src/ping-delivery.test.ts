import { createServer } from 'node:http'
import type { IncomingHttpHeaders, Server } from 'node:http'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { HEADLESS_CLIENTS } from './demo-clients.ts'
import type { DemoClient } from './demo-clients.ts'
import { startDemoProvider } from './start-demo-provider.ts'
import type { DemoProvider } from './start-demo-provider.ts'
import { TestPhone } from './testing/test-phone.ts'
import { TestService } from './testing/clients/test-service.ts'

interface Ping {
  readonly path: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

let receiver: Server
let address: string
let provider: DemoProvider
const pings: Ping[] = []

beforeAll(async () => {
  receiver = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      pings.push({ path: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() })
      response.writeHead(request.url === '/moved' ? 307 : 204, { location: `${address}/elsewhere` }).end()
      receiver.emit('ping')
    })
  }).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const bound = receiver.address()
  address = `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`
  const moved = pinged('moved', `${address}/moved`)
  const gone = pinged('gone', 'http://127.0.0.1:9/nobody')
  provider = await startDemoProvider({ port: 0, pollIntervalSeconds: 0.05, pingEndpoint: `${address}/auth/ping`, clients: [moved, gone] })
})
afterAll(async () => {
  await provider.stop()
  receiver.close()
})

function pinged(clientId: string, pingEndpoint: string): DemoClient {
  return {
    clientId,
    clientSecret: `${clientId}-secret`,
    name: clientId,
    authentication: 'client_secret_basic',
    grants: ['ciba'],
    pingEndpoint,
  }
}

const TOKEN = 'a-notification-token-of-the-client'

async function ringing(demoClient: DemoClient, parameters: Readonly<Record<string, string>> = {}) {
  const client = await TestService.of(provider.issuer, demoClient)
  const all = { login_hint: 'ada-lovelace', client_notification_token: TOKEN, ...parameters }
  const { auth_req_id: id } = await client.ask(all)
  const request = await (await TestPhone.of(provider.issuer, 'Ada Lovelace')).nextRequest()
  return { id, client, request }
}

test.each(['approve', 'deny'] as const)('after the decision to %s, the client is pinged with its own bearer token', async (decision) => {
  const { id, client, request } = await ringing(HEADLESS_CLIENTS.cibaPing)
  const arrived = once(receiver, 'ping')
  await request[decision]()
  await arrived
  expect(pings.at(-1)).toMatchObject({ path: '/auth/ping', body: JSON.stringify({ auth_req_id: id }) })
  expect(pings.at(-1)?.headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' })
  const outcome = await client.poll(id).catch((error: unknown) => error)
  expect(outcome).toMatchObject(decision === 'approve' ? { token_type: 'bearer' } : { error: 'access_denied' })
})

test('a client that is to be pinged must bring a token for it, and may poll all the same', async () => {
  const client = await TestService.of(provider.issuer, HEADLESS_CLIENTS.cibaPing)
  await expect(client.ask({ login_hint: 'ada-lovelace' })).rejects.toMatchObject({ error: 'invalid_request' })
  const { id, request } = await ringing(HEADLESS_CLIENTS.cibaPing)
  await expect(client.poll(id)).rejects.toMatchObject({ error: 'authorization_pending' })
  const arrived = once(receiver, 'ping')
  await request.deny()
  await arrived
})

test('a request cannot send the ping elsewhere, and a redirect is not followed', async () => {
  const before = pings.length
  const { id, client, request } = await ringing(pinged('moved', ''), {
    backchannel_client_notification_endpoint: `${address}/foreign`,
    client_notification_endpoint: `${address}/foreign`,
  })
  const arrived = once(receiver, 'ping')
  await request.approve()
  await arrived
  expect((await client.poll(id)).token_type).toBe('bearer')
  expect(pings.slice(before).map(({ path }) => path)).toEqual(['/moved'])
})

test('a ping that cannot be delivered loses nothing: the decision is there for a poll', async () => {
  const { id, client, request } = await ringing(pinged('gone', ''))
  await request.approve()
  expect((await client.poll(id)).token_type).toBe('bearer')
})

test.each(['http://example.test/ping', 'https://127.0.0.1/ping', 'ftp://127.0.0.1/', 'http://127.0.0.1.example.test/', 'nowhere'])(
  'the ping endpoint %s, which is not on this computer, is refused at the start',
  async (pingEndpoint) => {
    const message = 'must be an http address on loopback'
    await expect(startDemoProvider({ port: 0, pingEndpoint })).rejects.toThrow(message)
    await expect(startDemoProvider({ port: 0, clients: [pinged('mine', pingEndpoint)] })).rejects.toThrow(message)
  },
)
