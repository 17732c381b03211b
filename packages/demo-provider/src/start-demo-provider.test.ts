import { createConnection } from 'node:net'
import { request as httpRequest } from 'node:http'
import { once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import type { DemoProviderOptions, ObservedTokenRequest } from './provider-options.ts'
import { startDemoProvider } from './start-demo-provider.ts'
import type { DemoProvider } from './start-demo-provider.ts'
import { TestClient } from './testing/clients/test-client.ts'

const running: DemoProvider[] = []
afterEach(() => Promise.all(running.splice(0).map((provider) => provider.stop())))

async function started(options: DemoProviderOptions = {}): Promise<DemoProvider> {
  const provider = await startDemoProvider({ port: 0, ...options })
  running.push(provider)
  return provider
}

test.each(['0.0.0.0', '::', '192.168.1.2', 'example.test', '127.0.0.1.example.test', ''])('the host "%s" is refused', async (host) => {
  await expect(started({ host })).rejects.toThrow('host must be a loopback address')
})

test.each(['com.example:/cb', 'javascript:alert(1)', '/auth/redirect', 'http://localhost/#x', ''])(
  'the redirect URI "%s" is refused',
  async (uri) => {
    await expect(started({ redirectUris: [uri] })).rejects.toThrow('redirect URI must be an http or https URL')
  },
)

test('a port in use is said in one sentence', async () => {
  const { port } = await started()
  await expect(started({ port })).rejects.toThrow(`port ${port} on "127.0.0.1" is in use; stop the other program or choose another port`)
})

test('another host name is not answered, so a rebound name reads nothing', async () => {
  const { port } = await started()
  const statusFor = async (host: string) => {
    const [response] = await once(httpRequest({ port, host: '127.0.0.1', path: '/', headers: { host } }).end(), 'response')
    response.resume()
    return response.statusCode
  }
  expect(await statusFor(`evil.test:${port}`)).toBe(421)
  expect(await statusFor(`127.0.0.1.evil.test`)).toBe(421)
  expect(await statusFor(`localhost:${port}`)).toBe(200)
})

test('a whole sign-in prints nothing and logs no token', async () => {
  const prints = (['log', 'info', 'warn', 'error'] as const).map((method) => vi.spyOn(console, method))
  const lines: string[] = []
  const client = await TestClient.of((await started({ log: (line) => lines.push(line) })).issuer)
  const code = await client.signedIn()
  const tokens = await client.redeem(code)
  const again = await client.refresh(tokens.refresh_token ?? '')
  await client.revoke(again.access_token)
  await client.authorize({ redirect_uri: 'http://wrong.test/' })
  for (const print of prints) expect(print).not.toHaveBeenCalled()
  vi.restoreAllMocks()
  expect(lines).toEqual([
    'signed in: "ada-lovelace"',
    'allowed: "countersign-public" for "ada-lovelace"',
    'token request: "authorization_code" answered with 200',
    'token request: "refresh_token" answered with 200',
    expect.stringContaining('authorization refused: invalid_redirect_uri'),
  ])
  for (const secret of [code.get('code'), tokens.access_token, tokens.refresh_token, tokens.id_token])
    expect(lines.join()).not.toContain(secret)
})

test('token requests are counted and told of', async () => {
  const seen: ObservedTokenRequest[] = []
  const provider = await started({ observe: (request) => seen.push(request) })
  const client = await TestClient.of(provider.issuer)
  const code = await client.signedIn()
  await client.redeem(code)
  await expect(client.redeem(code)).rejects.toMatchObject({ error: 'invalid_grant' })
  await fetch(`${provider.url}/oauth/token`, { method: 'POST' })
  expect(provider.tokenRequests()).toBe(3)
  expect(seen).toEqual([
    { path: '/oauth/token', status: 200, grantType: 'authorization_code' },
    { path: '/oauth/token', status: 400, grantType: 'authorization_code' },
    { path: '/oauth/token', status: 400, grantType: undefined },
  ])
})

test('a test may answer in place of the provider', async () => {
  const provider = await started({
    intercept: (incoming, response) => {
      if (incoming.url !== '/oauth/token') return false
      response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>broken</h1>')
      return true
    },
  })
  const response = await fetch(`${provider.url}/oauth/token`, { method: 'POST' })
  expect([response.status, await response.text()]).toEqual([500, '<h1>broken</h1>'])
  expect((await fetch(`${provider.url}/health`)).status).toBe(200)
  expect(provider.tokenRequests()).toBe(1)
})

test('access tokens live as long as told', async () => {
  const client = await TestClient.of((await started({ accessTokenTtlSeconds: 7 })).issuer)
  expect((await client.redeem(await client.signedIn())).expires_in).toBe(7)
})

test('forgetting ends tokens, grants, sessions and sign-ins under way', async () => {
  const provider = await started()
  const client = await TestClient.of(provider.issuer)
  const tokens = await client.redeem(await client.signedIn())
  const underWay = await client.authorize()
  expect(underWay.text).toContain('Allow access?')
  provider.forget()
  expect((await client.me(tokens.access_token)).status).toBe(401)
  await expect(client.refresh(tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' })
  expect((await client.browser.submit(underWay, { decision: 'allow' })).status).toBe(400)
  expect((await client.browser.visit('/')).text).toContain('Nobody is signed in here')
  expect((await client.redeem(await client.signedIn())).token_type).toBe('bearer')
})

test('two providers know nothing of each other', async () => {
  const [one, other] = [await started(), await started()]
  const client = await TestClient.of(one.issuer)
  const tokens = await client.redeem(await client.signedIn())
  const stranger = await TestClient.of(other.issuer)
  expect((await stranger.me(tokens.access_token)).status).toBe(401)
  other.forget()
  expect((await client.me(tokens.access_token)).status).toBe(200)
})

test('stopping ends at once, with open and hanging connections, and again does no harm', async () => {
  const provider = await started({ intercept: (incoming) => incoming.url === '/hang' })
  const idle = createConnection(provider.port, '127.0.0.1')
  await once(idle, 'connect')
  await fetch(`${provider.url}/health`)
  const hanging = fetch(`${provider.url}/hang`).catch(() => 'ended')
  const began = performance.now()
  await provider.stop()
  expect(performance.now() - began).toBeLessThan(500)
  expect(await hanging).toBe('ended')
  idle.destroy()
  await provider.stop()
  await expect(fetch(`${provider.url}/health`)).rejects.toThrow('fetch failed')
})
