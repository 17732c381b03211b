import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@countersign/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { serverSchema } from './config/build.ts'
import { loadConfig } from './config/load-config.ts'
import { type CountersignServer, serve } from './serve.ts'

const workflow = `
general: { front_end: { host: 127.0.0.1, port: 0 } }
llms: { demo: { _type: keyword_router } }
workflow: { _type: tool_calling_agent, llm_name: demo, title: Test, examples: ['Hello?'] }
`

let folder = ''
let server: CountersignServer
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'a server '))
  server = await start()
})
afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true })
})

async function start(text = workflow): Promise<CountersignServer> {
  const file = join(folder, 'workflow.yml')
  writeFileSync(file, text)
  const { config } = await loadConfig({ file, schema: serverSchema(), environment: {} })
  return serve(config, { log: silentLog })
}

/** A request under another name of this machine. */
function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${server.port}${path}`, { redirect: 'manual', headers })
}

describe('the front door', () => {
  test('tells its health under any name', async () => {
    expect(await (await get('/health')).json()).toEqual({ status: 'healthy' })
  })

  test('leads a page that comes under another name to its own origin', async () => {
    const response = await get('/some/path?a=b', { accept: 'text/html' })
    expect(response.status).toBe(307)
    expect(response.headers.get('location')).toBe(`${server.publicOrigin}/some/path?a=b`)
  })

  test('leads nowhere else, whatever the path looks like', async () => {
    const response = await get('//evil.example/', { accept: 'text/html' })
    expect(response.headers.get('location')).toBe(`${server.publicOrigin}/evil.example/`)
  })

  test('refuses calls under another name', async () => {
    expect((await get('/api/me')).status).toBe(421)
  })
})

describe('under its own name', () => {
  const own = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${server.publicOrigin}${path}`, { redirect: 'manual', ...init })

  test('/api/me opens a session and tells no token', async () => {
    const response = await own('/api/me')
    const cookie = response.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/^countersign-\d+-session=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(await response.json()).toEqual({
      principal: { id: expect.stringMatching(/^anonymous:/), kind: 'anonymous' },
      workflow: { name: 'Test', examples: ['Hello?'] },
      connections: [],
    })
    const again = await own('/api/me', { headers: { cookie: cookie.split(';')[0] ?? '' } })
    expect(again.headers.get('set-cookie')).toBeNull()
  })

  test('the chat comes with a strict policy and may open its popup', async () => {
    const response = await own('/')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(response.headers.get('content-security-policy')).toContain("require-trusted-types-for 'script'")
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin-allow-popups')
    expect(response.headers.get('x-frame-options')).toBe('DENY')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test.each(['/../package.json', '/%2e%2e/package.json', '/.env', '/assets/', '/index.html.map', '/assets/..%2f..%2fpackage.json'])(
    '%s is not there',
    async (path) => {
      expect((await own(path)).status).toBe(404)
    },
  )

  test.each([
    '/auth/start/unknown',
    '/auth/start/a.b',
    '/auth/redirect',
    '/auth/redirect?state=x&code=y',
    '/auth/redirect?state=x&state=y',
  ])('%s is answered with a page that sets nothing', async (path) => {
    const response = await own(path)
    expect([400, 403]).toContain(response.status)
    expect(response.headers.get('set-cookie')).toBeNull()
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('referrer-policy')).toBe('no-referrer')
  })

  test.each([
    ['a foreign origin', { origin: 'http://localhost:1' }],
    ['another port of the same host', { origin: 'http://localhost:9' }],
    ['the null origin', { origin: 'null' }],
    ['no origin', {}],
  ])('%s cannot open the socket', async (_what, headers) => {
    const socket = new WebSocket(`${server.publicOrigin.replace('http', 'ws')}/websocket`, { headers })
    const refused = await new Promise((resolve) => {
      socket.once('unexpected-response', (_request, response) => resolve(response.statusCode))
      socket.once('open', () => resolve('open'))
      socket.on('error', () => undefined)
    })
    socket.terminate()
    expect(refused).toBe(403)
  })

  test('a chat that asks gets an answer, in order and once', async () => {
    const me = await own('/api/me')
    const cookie = me.headers.get('set-cookie')?.split(';')[0] ?? ''
    const address = `${server.publicOrigin.replace('http', 'ws')}/websocket?conversation_id=c1&last_seq=0`
    const socket = new WebSocket(address, 'countersign.v1', { headers: { origin: server.publicOrigin, cookie } })
    const frames: { type: string; seq?: number; event?: { type: string } }[] = []
    const ended = new Promise<void>((resolve) => {
      socket.on('message', (data: Buffer) => {
        // Our own server's frames.
        const frame = JSON.parse(data.toString()) as (typeof frames)[number]
        frames.push(frame)
        if (frame.type === 'caught_up_message') {
          const content = { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello?' }] }] }
          socket.send(JSON.stringify({ type: 'user_message', schema_type: 'chat_stream', id: 'm1', conversation_id: 'c1', content }))
        }
        if (frame.event?.type === 'run-end') resolve()
      })
    })
    await ended
    socket.terminate()
    expect(frames.map(({ type, event }) => event?.type ?? type)).toEqual([
      'caught_up_message',
      'run-start',
      'reply-start',
      'reply-end',
      'run-end',
    ])
    expect(frames.slice(1).map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
  })
})

test('a taken port is said in one sentence, and the database is free again', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const address = taken.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const other = `${workflow.replace('port: 0', `port: ${port}`)}\nstore: { url: 'sqlite:other.db' }\n`
  await expect(start(other)).rejects.toMatchObject({ code: 'invalid_config', message: expect.stringContaining(`port ${port}`) })
  await new Promise((resolve) => taken.close(resolve))
  const now = await start(other)
  await now.stop()
})

test('a redirect address that is not this server is refused with what to do', async () => {
  const provider = `
authentication:
  idp: { _type: oauth2_auth_code_flow, issuer: 'https://idp.example', client_id: c, redirect_uri: 'http://localhost:8000/auth/redirect' }
store: { url: 'sqlite:third.db' }
`
  await expect(start(workflow + provider)).rejects.toThrow(/redirect_uri: this server's port is another at each start.*public_url/)
})
