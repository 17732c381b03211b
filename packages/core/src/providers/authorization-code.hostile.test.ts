import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import type { VirtualRuntime } from '../testing/virtual-runtime.ts'
import { endlessBody, hostileServer, issued, metadata, paths, silence, stallingBody, tokenBody } from './hostile-server.ts'
import type { Answer, HostileServer } from './hostile-server.ts'
import { hostileClient, openSignIn } from './hostile-sign-in.ts'
import type { SignInEnd } from './hostile-sign-in.ts'

let server: HostileServer
let runtime: VirtualRuntime
let stop: () => Promise<void>
beforeEach(async () => {
  ;({ server, stop } = await listen())
  runtime = virtualRuntime({ fetch: (input, init) => fetch(input, init) })
})
afterEach(() => stop())

const json = { headers: { 'content-type': 'application/json' } }
const upstreamFailed = { code: 'upstream_failed' }
const cases: Readonly<Record<string, readonly [Answer, object]>> = {
  'answers 500': [() => new Response('trace: …', { status: 500 }), { ...upstreamFailed, details: { status: 500 } }],
  'answers 503 with an OAuth error': [
    () => Response.json({ error: 'invalid_grant' }, { status: 503 }),
    { ...upstreamFailed, details: { status: 503 } },
  ],
  'answers 429': [
    () => Response.json({ error: 'slow_down' }, { status: 429 }),
    { ...upstreamFailed, details: { status: 429, error: 'slow_down' } },
  ],
  'answers HTML': [() => new Response('<html>Welcome!</html>', { headers: { 'content-type': 'text/html' } }), upstreamFailed],
  'answers with a form that holds the token': [() => new Response(`access_token=${issued.accessToken}`), upstreamFailed],
  'answers with the bare token': [() => new Response(issued.accessToken, json), upstreamFailed],
  'answers with a JSON array': [() => Response.json([tokenBody()]), upstreamFailed],
  'answers with null': [() => Response.json(null), upstreamFailed],
  'answers with nothing': [() => new Response(null), upstreamFailed],
  'answers 204': [() => new Response(null, { status: 204 }), upstreamFailed],
  'hangs up': [() => Response.error(), upstreamFailed],
  'names another token type': [() => Response.json(tokenBody({ token_type: 'mac' })), upstreamFailed],
  'sends a DPoP token': [() => Response.json(tokenBody({ token_type: 'DPoP' })), upstreamFailed],
  'sends no token type': [() => Response.json(tokenBody({ token_type: undefined })), upstreamFailed],
  'sends no access token': [() => Response.json(tokenBody({ access_token: undefined })), upstreamFailed],
  'sends a number as access token': [() => Response.json(tokenBody({ access_token: 7 })), upstreamFailed],
  'sends a token with a line break': [() => Response.json(tokenBody({ access_token: 'a\r\nx-evil: 1' })), upstreamFailed],
  'sends a lifetime that is no number': [() => Response.json(tokenBody({ expires_in: 'soon' })), upstreamFailed],
  'sends a scope that is a list': [() => Response.json(tokenBody({ scope: ['read'] })), upstreamFailed],
  redirects: [() => Response.redirect('http://127.0.0.1:1/', 302), { ...upstreamFailed, details: { status: 302 } }],
  'redirects with 307': [() => Response.redirect('http://127.0.0.1:1/', 307), { ...upstreamFailed, details: { status: 307 } }],
  'calls the code used': [
    () => Response.json({ error: 'invalid_grant', error_description: hostileClient.code }, { status: 400 }),
    { code: 'invalid_grant', details: { status: 400, error: 'invalid_grant' } },
  ],
  'calls the client unknown': [
    () => new Response(null, { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }),
    { code: 'invalid_client', details: { status: 401 } },
  ],
  'has an error of its own': [
    () => Response.json({ error: 'out_of_coffee' }, { status: 400 }),
    { ...upstreamFailed, details: { error: 'out_of_coffee' } },
  ],
  'hides text in the error': [
    () => Response.json({ error: `no ${issued.accessToken}!` }, { status: 400 }),
    { ...upstreamFailed, details: { status: 400 } },
  ],
  'uses one of our own codes': [() => Response.json({ error: 'forbidden' }, { status: 400 }), upstreamFailed],
  'sends a gzip bomb': [
    () => new Response(gzipSync(Buffer.alloc(20_000_000, 32)), { headers: { 'content-encoding': 'gzip' } }),
    upstreamFailed,
  ],
  'announces too much': [() => new Response(stallingBody('{'), { headers: { 'content-length': '200000000' } }), upstreamFailed],
}

test.each(Object.entries(cases))(
  'a token endpoint that %s: a failure with a code, one request, no secret shown',
  async (_name, [answer, expected]) => {
    server.script[paths.token] = answer
    const signIn = await openSignIn({ server, runtime })
    expectFailure(await signIn.comeBack(), expected)
    expect(server.count(paths.token)).toBe(1)
  },
)

test('a token endpoint that is not there: a failure with a code, no secret shown', async () => {
  const signIn = await openSignIn({ server, runtime })
  await stop()
  expectFailure(await signIn.comeBack(), { ...upstreamFailed, message: expect.stringContaining('could not be reached') })
})

test.each<readonly [string, Answer]>([
  ['never answers', silence],
  ['begins, and stalls', () => new Response(stallingBody('{"access_token":'), json)],
])('a token endpoint that %s: the step ends after 8 s', async (_name, answer) => {
  server.script[paths.token] = answer
  const signIn = await openSignIn({ server, runtime })
  const arrival = server.arrival(paths.token)
  const end = signIn.comeBack()
  await arrival
  await runtime.advance(8000)
  expectFailure(await end, { ...upstreamFailed, message: expect.stringContaining('8000 ms') })
  expect(server.count(paths.token)).toBe(1)
  expect(runtime.nextTimerAt()).toBeUndefined()
})

test('a token endpoint that never ends is cut off at the limit', async () => {
  const endless = endlessBody()
  server.script[paths.token] = () => new Response(endless.body, json)
  const signIn = await openSignIn({ server, runtime })
  expectFailure(await signIn.comeBack(), { ...upstreamFailed, message: expect.stringContaining('1048576 bytes') })
  // What was taken beyond the limit stood in the buffers of two sockets.
  expect(endless.sent()).toBeLessThan(16 * 1024 * 1024)
  expect(server.count(paths.token)).toBe(1)
})

test.each([
  ['token_endpoint', 'http://169.254.169.254/'],
  ['token_endpoint', 'https://169.254.169.254/'],
  ['authorization_endpoint', 'javascript:alert(1)'],
  ['authorization_endpoint', 'data:text/html,hello'],
  ['revocation_endpoint', 'file:///etc/passwd'],
])('metadata whose %s is "%s" is not used', async (key, endpoint) => {
  server.script[paths.oidc] = () => Response.json(metadata(server.issuer, { [key]: endpoint }))
  await expect(openSignIn({ server, runtime })).rejects.toMatchObject({ ...upstreamFailed, message: expect.stringContaining(key) })
  expect(server.count(paths.token)).toBe(0)
})

/** Looks into every property of the error and its causes, and into the log. */
function expectFailure(end: SignInEnd, expected: object): void {
  expect(end.error).toMatchObject({ name: 'CountersignError', ...expected })
  expect(
    end.leaksIn(inspect(end.error, { depth: 12, showHidden: true }) + JSON.stringify(end.error) + JSON.stringify(runtime.logged)),
  ).toEqual([])
}

/** Puts the scripted server behind a real port. */
async function listen(): Promise<{ server: HostileServer; stop: () => Promise<void> }> {
  const listener = createServer((incoming, outgoing) => void answer(incoming, outgoing))
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await incoming.toArray()
    const headers = Object.entries(incoming.headersDistinct).map(([name, values]): [string, string] => [name, values?.join(', ') ?? ''])
    const init = { method: incoming.method ?? 'GET', headers, ...(body.length > 0 && { body: Buffer.concat(body) }) }
    const response = await hostile.answer(new Request(`${hostile.issuer}${incoming.url}`, init))
    if (response.type === 'error') return void outgoing.destroy()
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    // The other side may well hang up before the end: that is what some of these tests are about.
    await pipeline(bytesOf(response), outgoing).catch(() => undefined)
  }
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  const hostile = hostileServer(`http://127.0.0.1:${(listener.address() as AddressInfo).port}`)
  const stopListening = async (): Promise<void> => {
    listener.closeAllConnections()
    if (listener.listening) await new Promise((resolve) => listener.close(resolve))
  }
  return { server: hostile, stop: stopListening }
}

async function* bytesOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader()
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) yield part.value
}
