import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@countersign/core'
import type { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../app.ts'
import { compose } from '../compose.ts'
import { build, serverSchema } from '../config/build.ts'
import { loadConfig } from '../config/load-config.ts'
import { openKeyRing } from '../keys/key-ring.ts'
import { nodeRuntime } from '../runtime/node-runtime.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'
import type { RouteDeps } from './route-deps.ts'
import { routeClass } from './security-headers.ts'

const powers =
  'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), xr-spatial-tracking=()'
const closed = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const plain = {
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; ${closed}`,
  'cross-origin-opener-policy': null,
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': powers,
  'referrer-policy': 'no-referrer',
  'strict-transport-security': null,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}
const page = {
  ...plain,
  'content-security-policy': `default-src 'none'; script-src 'self'; style-src 'self'; ${closed}; require-trusted-types-for 'script'; trusted-types 'none'`,
  'cross-origin-opener-policy': 'unsafe-none',
}
const chat = {
  ...plain,
  'cache-control': 'no-cache',
  'content-security-policy': `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws://localhost:8000; object-src 'none'; ${closed}; require-trusted-types-for 'script'; trusted-types lit-html dompurify 'allow-duplicates'`,
  'cross-origin-opener-policy': 'same-origin-allow-popups',
}
const asset = { ...plain, 'cache-control': 'public, max-age=31536000, immutable' }
const file = { ...plain, 'cache-control': 'no-cache' }
const classes = { chat, page, asset, file, plain }

const folder = mkdtempSync(join(tmpdir(), 'countersign headers '))
afterAll(() => rmSync(folder, { recursive: true }))

const paths = { callback: '/auth/redirect', websocket: '/websocket' }
let app: Hono
let deps: RouteDeps
beforeAll(async () => {
  ;({ app, deps } = await doors('http://localhost:8000'))
})
afterAll(() => deps.store.close())

/** All doors, without a port. */
async function doors(publicOrigin: string): Promise<{ app: Hono; deps: RouteDeps }> {
  const workflow = join(folder, 'workflow.yml')
  writeFileSync(workflow, 'llms: { demo: { _type: keyword_router } }\nworkflow: { _type: tool_calling_agent, llm_name: demo }\n')
  const { config } = await loadConfig({ file: workflow, schema: serverSchema(), environment: {} })
  const runtime = nodeRuntime(silentLog)
  const store = await openSqliteStore({ file: ':memory:', runtime })
  const keys = openKeyRing({ kind: 'file', file: join(folder, 'keys.json') }, runtime)
  const composed = compose({ config, built: build(config, runtime), keys, store, runtime, publicOrigin, limits: {} })
  return { app: createApp(composed.deps, composed.paths), deps: composed.deps }
}

interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

function ask(path: string, { headers, ...init }: Asked = {}): Promise<Response> {
  return Promise.resolve(app.request(path, { ...init, headers: { host: 'localhost:8000', ...headers } }, {}))
}

/** What is listed in a class, as the answer has it. */
function securityOf({ headers }: Response): Record<string, string | null> {
  return Object.fromEntries(Object.keys(plain).map((name) => [name, headers.get(name)]))
}

test('every route has a class: one that is new needs a line in the table', () => {
  const unclassed = app.routes.filter(({ method, path }) => method !== 'ALL' && routeClass(path, paths) === undefined)
  expect(unclassed.map(({ path }) => path)).toEqual([])
})

test('every route answers with exactly the headers of its class, or of a refusal', async () => {
  const routes = app.routes.filter(({ method }) => method !== 'ALL')
  expect(routes.length).toBeGreaterThan(8)
  for (const { method, path } of routes) {
    const response = await ask(path.replaceAll(/:\w+/g, 'unknown'), { method })
    const isPage = response.headers.get('content-type')?.startsWith('text/html')
    const wanted = routeClass(path, paths) ?? 'plain'
    const expected = response.ok ? wanted : isPage ? 'page' : 'plain'
    expect([method, path, securityOf(response)]).toEqual([method, path, classes[expected]])
  }
})

const browser = { accept: 'text/html,*/*' }
const answers: Readonly<Record<string, readonly [string, Asked, number, keyof typeof classes]>> = {
  'the chat': ['/', {}, 200, 'chat'],
  'the chat, asked for its head alone': ['/', { method: 'HEAD' }, 200, 'chat'],
  'an icon': ['/favicon.svg', {}, 200, 'file'],
  "a page's style": ['/auth/page.css', {}, 200, 'file'],
  'who one is': ['/api/me', {}, 200, 'plain'],
  health: ['/health', {}, 200, 'plain'],
  'health under another name': ['/health', { headers: { host: 'balancer' } }, 200, 'plain'],
  'a sign-in that is not for this browser': ['/auth/start/unknown', {}, 403, 'page'],
  'a callback that nobody waits for': ['/auth/redirect?state=x&code=y', {}, 400, 'page'],
  'a socket without an upgrade': ['/websocket', {}, 426, 'plain'],
  'an unknown path': ['/nothing', {}, 404, 'plain'],
  'an unknown path, in a browser': ['/nothing', { headers: browser }, 404, 'page'],
  'an unknown file': ['/assets/nothing.js', {}, 404, 'plain'],
  'an unknown call': ['/api/nothing', {}, 404, 'plain'],
  'another method': ['/', { method: 'DELETE' }, 405, 'plain'],
  'what may be asked for': ['/api/me', { method: 'OPTIONS' }, 204, 'plain'],
  'a large body': ['/api/me', { method: 'POST', headers: { 'content-length': '9999999' } }, 413, 'plain'],
  'a packed body': ['/api/me', { method: 'POST', headers: { 'content-encoding': 'gzip' } }, 415, 'plain'],
  'another host': ['/api/me', { headers: { host: 'evil.example' } }, 421, 'plain'],
  'another host, in a browser': ['/', { headers: { ...browser, host: 'evil.example' } }, 307, 'plain'],
}

test.each(Object.entries(answers))('%s', async (_what, [path, init, status, expected]) => {
  const response = await ask(path, init)
  expect([response.status, securityOf(response)]).toEqual([status, classes[expected]])
})

test('a script whose name says what is in it is kept by the browser', async () => {
  const script = /src="\.?(\/assets\/[^"]+\.js)"/.exec(await (await ask('/')).text())?.[1] ?? ''
  const response = await ask(script)
  expect([response.status, securityOf(response)]).toEqual([200, asset])
})

describe('what is refused is told in the form that was asked for', () => {
  test('a call gets JSON', async () => {
    const response = await ask('/api/nothing', { headers: browser })
    expect(await response.json()).toEqual({ error: 'not_found', message: expect.stringMatching(/^There is nothing here\. /) })
  })

  test('a browser gets a page', async () => {
    const response = await ask('/nothing', { headers: browser })
    expect(await response.text()).toContain('<h1>There is nothing here</h1>')
  })

  test('everything else gets a line', async () => {
    expect(await (await ask('/nothing')).text()).toMatch(/^There is nothing here\. .+\n$/)
  })

  test('a method that a path does not have is told which ones it has', async () => {
    const response = await ask('/api/me', { method: 'DELETE' })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS'])
    expect(await response.json()).toMatchObject({ error: 'method_not_allowed' })
  })

  test('a page of another origin may read nothing, and is told nothing about it', async () => {
    const headers = { origin: 'https://other.example', 'access-control-request-method': 'GET' }
    for (const method of ['OPTIONS', 'GET']) {
      const response = await ask('/api/me', { method, headers })
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })
})

test('what fails is told by a number alone, with the headers of a refusal', async () => {
  const broken = await doors('http://localhost:8000')
  await broken.deps.store.close()
  const response = await broken.app.request('/api/me', { headers: { host: 'localhost:8000' } })
  expect([response.status, securityOf(response)]).toEqual([503, plain])
  expect(await response.json()).toMatchObject({ error: 'storage_unavailable', message: expect.stringMatching(/the number [\w-]{31}\.$/) })
})

test('a server that stops takes nothing new, says so to balancers, and a page tries again by itself', async () => {
  const stopping = await doors('http://localhost:8000')
  const get = async (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    stopping.app.request(path, { headers: { host: 'localhost:8000', ...headers } })
  expect(await (await get('/health/ready')).json()).toEqual({ status: 'ready' })
  stopping.deps.operation.drain()
  const ready = await get('/health/ready')
  expect([ready.status, await ready.json()]).toEqual([503, { status: 'draining' }])
  expect((await get('/health')).status).toBe(200)
  for (const [path, expected] of [
    ['/api/me', plain],
    ['/auth/redirect?state=x', page],
    ['/', page],
  ] as const) {
    const response = await get(path, browser)
    expect([response.status, securityOf(response)]).toEqual([503, expected])
    expect(['connection', 'retry-after', 'refresh'].map((name) => response.headers.get(name))).toEqual(['close', '10', '10'])
  }
  await stopping.deps.store.close()
})

test('over https browsers are told to stay there', async () => {
  const secure = await doors('https://chat.example')
  for (const path of ['/', '/api/me', '/nothing', '/health']) {
    const response = await secure.app.request(path, { headers: { host: 'chat.example' } })
    expect([path, response.headers.get('strict-transport-security')]).toEqual([path, 'max-age=15552000'])
  }
  const { headers } = await secure.app.request('/', { headers: { host: 'chat.example' } })
  expect(headers.get('content-security-policy')).toContain("connect-src 'self' wss://chat.example;")
  await secure.deps.store.close()
})
