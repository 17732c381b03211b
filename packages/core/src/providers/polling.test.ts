import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { AuthProvider } from '../auth/auth-provider.ts'
import { ciba } from './ciba.ts'
import { deviceCode } from './device-code.ts'
import { idToken, paths, tokenBody } from './hostile-server.ts'
import { hostileClient } from './hostile-sign-in.ts'
import { answer, askPaths, pending, type PollAnswer, pollingWorld, slowDown, unreachable } from '../testing/polling-world.ts'

const issuer = 'https://login.example'
const entry = { client_id: hostileClient.id, client_secret: hostileClient.secret, issuer }

/** Both grants are polled by one part: every rule holds for both. */
const grants: Readonly<Record<string, { readonly make: () => AuthProvider; readonly askedAt: string }>> = {
  oidc_ciba: { make: () => ciba.create(ciba.config.parse(entry), { name: 'polled' }), askedAt: askPaths.backchannel },
  oauth2_device_code: { make: () => deviceCode.create(deviceCode.config.parse(entry), { name: 'polled' }), askedAt: askPaths.device },
}

const granted: PollAnswer = () => Response.json(tokenBody({ id_token: tokenOf('ada') }))
const busy = (status: number, headers: Record<string, string> = {}): PollAnswer => answer('temporarily_unavailable', { status, headers })

describe.each(Object.entries(grants))('%s', (_type, { make, askedAt }) => {
  test.each<readonly [string, { answers: readonly PollAnswer[]; ack?: object; waits: readonly number[]; phases?: readonly string[] }]>([
    ['waits five seconds where the server names no interval', { answers: [granted], waits: [5] }],
    ['waits as long as the server says', { answers: [granted], ack: { interval: 9 }, waits: [9] }],
    ['never asks more than once a second', { answers: [pending(), granted], ack: { interval: 0.01 }, waits: [1, 1] }],
    [
      'asks again after each interval while nobody has decided',
      { answers: [pending(), pending(), granted], waits: [5, 5, 5], phases: ['waiting', 'waiting', 'waiting'] },
    ],
    [
      'waits five seconds longer for good each time the server says slow_down',
      {
        answers: [slowDown(), pending(), slowDown(), granted],
        waits: [5, 10, 10, 15],
        phases: ['waiting', 'slowed_down', 'waiting', 'slowed_down'],
      },
    ],
    [
      'hears slow_down in an answer 429',
      { answers: [answer('slow_down', { status: 429 }), granted], waits: [5, 10], phases: ['waiting', 'slowed_down'] },
    ],
    [
      'takes pending for pending, also with status 403',
      { answers: [answer('authorization_pending', { status: 403 }), granted], waits: [5, 5] },
    ],
    ['honours Retry-After on slow_down, once', { answers: [slowDown({ 'retry-after': '60' }), pending(), granted], waits: [5, 60, 10] }],
    ['honours Retry-After on pending, once', { answers: [pending({ 'retry-after': '30' }), pending(), granted], waits: [5, 30, 5] }],
    [
      'honours Retry-After as a date',
      { answers: [busy(503, { 'retry-after': 'Thu, 01 Jan 2026 00:01:35 GMT' }), granted], waits: [5, 90] },
    ],
    ['ignores a Retry-After that is shorter than the wait', { answers: [pending({ 'retry-after': '1' }), granted], waits: [5, 5] }],
    ['ignores a Retry-After that is none', { answers: [pending({ 'retry-after': 'soon' }), granted], waits: [5, 5] }],
    [
      'backs off when the network fails, and then goes on as before',
      {
        answers: [unreachable, unreachable, pending(), granted],
        waits: [5, 10, 20, 5],
        phases: ['waiting', 'unreachable', 'unreachable', 'waiting'],
      },
    ],
    ['honours Retry-After on 503', { answers: [busy(503, { 'retry-after': '90' }), granted], waits: [5, 90] }],
    [
      'honours Retry-After on 429',
      { answers: [answer('busy', { status: 429, headers: { 'retry-after': '40' } }), granted], waits: [5, 40] },
    ],
    [
      'backs off on an error 500 that is no OAuth error',
      { answers: [() => new Response('trace', { status: 500 }), granted], waits: [5, 10] },
    ],
    ['backs off on server_error, whatever its status', { answers: [answer('server_error'), granted], waits: [5, 10] }],
    [
      'never waits longer than a minute for want of a server',
      { answers: [...Array<PollAnswer>(6).fill(unreachable), granted], waits: [5, 10, 20, 40, 60, 60, 60] },
    ],
    [
      'keeps an interval of more than a minute when it backs off',
      { answers: [unreachable, unreachable, granted], ack: { interval: 90 }, waits: [90, 90, 90] },
    ],
  ])('%s', async (_name, { answers, ack, waits, phases }) => {
    const world = pollingWorld(answers, ack)
    const end = await world.run(make())
    expect(end).toMatchObject({ waits, step: { status: 'granted' }, ...(phases && { phases }) })
    expect(world.server.count(paths.token)).toBe(answers.length)
    // However it went, it was one request, and one person was asked once.
    expect(world.server.count(askedAt)).toBe(1)
    expect(new Set(world.server.requests.filter(({ path }) => path === paths.token).map(({ form }) => idOf(form)))).toEqual(
      new Set(['request-1']),
    )
  })

  test.each<readonly [string, { answers: readonly PollAnswer[]; ack?: object; waits: readonly number[] }]>([
    ['when nobody decides: the last poll is before the deadline', { answers: [pending()], ack: { expires_in: 12 }, waits: [5, 5, 2] }],
    ['when nobody decides within the first interval', { answers: [pending()], ack: { expires_in: 3 }, waits: [3] }],
    ['when the server wants to be left alone for longer', { answers: [pending({ 'retry-after': '9000000000' })], waits: [5, 295] }],
    ['when the server is gone', { answers: [unreachable], ack: { expires_in: 40 }, waits: [5, 10, 20, 5] }],
  ])('expires by our clock %s', async (_name, { answers, ack, waits }) => {
    const world = pollingWorld(answers, ack)
    expect(await world.run(make())).toMatchObject({ waits, step: { status: 'refused', code: 'expired' } })
    expect(world.server.count(paths.token)).toBe(waits.length - 1)
  })

  test('an expiry and an interval beyond every calendar stay dates', async () => {
    const world = pollingWorld([pending()], { expires_in: 1e300, interval: 1e300 })
    const step = await make().begin({ provider: 'polled', loginHint: 'ada' }, world.context)
    if (step.status !== 'waiting') throw new Error('it does not wait')
    expect([step.expiresAt, step.pollAt].map((at) => Number.isNaN(new Date(Number(at)).getTime()))).toEqual([false, false])
  })

  test('a request whose id is a book is not waited for', async () => {
    const id = 'x'.repeat(5000)
    const world = pollingWorld([pending()], { auth_req_id: id, device_code: id })
    expect(await world.run(make())).toMatchObject({ error: { code: 'upstream_failed' }, waits: [] })
  })

  test.each<readonly [string, PollAnswer, string]>([
    ['access_denied', answer('access_denied'), 'access_denied'],
    ['access_denied with 403', answer('access_denied', { status: 403 }), 'access_denied'],
    ['expired_token', answer('expired_token'), 'expired'],
  ])('%s ends it as a refusal, and is not asked again', async (_name, said, code) => {
    const world = pollingWorld([said])
    expect(await world.run(make())).toMatchObject({ waits: [5], step: { status: 'refused', code } })
    expect(world.server.count(paths.token)).toBe(1)
  })

  test.each<readonly [string, PollAnswer, string]>([
    ...[
      'unauthorized_client',
      'invalid_client',
      'invalid_request',
      'invalid_target',
      'invalid_scope',
      'transaction_failed',
      'invalid_grant',
    ].map((code) => [code, answer(code), code] as const),
    [
      'invalid_client by a challenge',
      () => new Response(null, { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }),
      'invalid_client',
    ],
    ['an error of its own', answer('out_of_coffee'), 'upstream_failed'],
    ['one of our own words', answer('forbidden'), 'upstream_failed'],
    ['a page', () => new Response('<html>Welcome!</html>'), 'upstream_failed'],
    ['a token that is none', () => Response.json(tokenBody({ token_type: 'mac' })), 'upstream_failed'],
  ])('%s ends it as a failure in that word, without the words of the server', async (_name, said, code) => {
    const world = pollingWorld([said])
    const end = await world.run(make())
    expect(end).toMatchObject({ waits: [5], error: { name: 'CountersignError', code } })
    expect(world.server.count(paths.token)).toBe(1)
    const words = inspect(end.error, { depth: 12, showHidden: true }) + JSON.stringify(world.runtime.logged)
    expect([hostileClient.secret, 'request-1', 'words of the server'].filter((text) => words.includes(text))).toEqual([])
  })

  test('invalid_grant at the end of its time says that it has expired', async () => {
    const slow = pollingWorld([async () => (await slow.runtime.advance(7000), answer('invalid_grant')())], { expires_in: 12 })
    expect(await slow.run(make())).toMatchObject({ step: { status: 'refused', code: 'expired' } })
  })

  test('the interval counts from when a poll is sent, whenever its answer comes', async () => {
    const held = pollingWorld([async () => (await held.runtime.advance(3000), pending()()), granted])
    expect(await held.run(make())).toMatchObject({ waits: [5, 2], step: { status: 'granted' } })
    const long = pollingWorld([async () => (await long.runtime.advance(30_000), pending()()), granted])
    expect(await long.run(make())).toMatchObject({ waits: [5, 0], step: { status: 'granted' } })
  })

  test('an answer that the server holds back for longer than 40 s is given up, and asked for again', async () => {
    const held = pollingWorld([() => (void held.runtime.advance(60_000), new Promise(() => undefined)), granted])
    expect(await held.run(make())).toMatchObject({ phases: ['waiting', 'unreachable'], step: { status: 'granted' } })
    expect(held.server.count(askedAt)).toBe(1)
  })

  test('a poll that is cancelled says so at once', async () => {
    const world = pollingWorld([pending()])
    const provider = make()
    const step = await provider.begin({ provider: 'polled', loginHint: 'ada' }, world.context)
    if (step.status !== 'waiting') throw new Error('it does not wait')
    const context = { ...world.context, signal: AbortSignal.abort() }
    await expect(provider.advance?.({ provider: 'polled' }, step.state, { type: 'tick' }, context)).rejects.toMatchObject({
      code: 'cancelled',
    })
    expect(world.server.count(paths.token)).toBe(0)
  })

  test('a process that never met the server polls all the same, and waits when it cannot find it', async () => {
    const world = pollingWorld([granted])
    const requirement = { provider: 'polled', loginHint: 'ada' }
    const step = await make().begin(requirement, world.context)
    if (step.status !== 'waiting') throw new Error('it does not wait')
    const another = make()
    const metadataOf = world.server.script[paths.oidc]
    world.server.script[paths.oidc] = () => new Response('away', { status: 503 })
    const next = await another.advance?.(requirement, step.state, { type: 'tick' }, world.context)
    expect(next).toMatchObject({ status: 'waiting', phase: 'unreachable' })
    if (metadataOf) world.server.script[paths.oidc] = metadataOf
    if (next?.status !== 'waiting') throw new Error('it does not wait')
    expect(await another.advance?.(requirement, next.state, { type: 'tick' }, world.context)).toMatchObject({ status: 'granted' })
  })

  test('the interval does not count the time it takes to find the server', async () => {
    const world = pollingWorld([pending()])
    const requirement = { provider: 'polled', loginHint: 'ada' }
    const step = await make().begin(requirement, world.context)
    const metadataOf = world.server.script[paths.oidc]
    if (step.status !== 'waiting' || metadataOf === undefined) throw new Error('it does not wait')
    world.server.script[paths.oidc] = async (form, request) => (await world.runtime.advance(3000), metadataOf(form, request))
    const next = await make().advance?.(requirement, step.state, { type: 'tick' }, world.context)
    expect(next).toMatchObject({ status: 'waiting', pollAt: world.runtime.now() + 5000 })
  })

  test('a stored wait that is not ours is no wait', async () => {
    const { context } = pollingWorld([pending()])
    const advanced = make().advance?.({ provider: 'polled' }, { request: 'x' }, { type: 'tick' }, context)
    await expect(advanced).rejects.toMatchObject({ code: 'invalid_request' })
  })

  test.each<readonly [string, object, object]>([
    ['fewer scopes', { scope: 'read openid' }, { status: 'refused', code: 'insufficient_scope', reason: 'not granted: write' }],
    ['all scopes', { scope: 'read write openid' }, { status: 'granted', credential: { scopes: ['openid', 'read', 'write'] } }],
    ['scopes without a word', {}, { status: 'granted' }],
  ])('of what was asked for, %s is what it comes to', async (_name, change, step) => {
    const world = pollingWorld([() => Response.json(tokenBody({ id_token: tokenOf('ada'), ...change }))])
    expect(await world.run(make(), { scopes: ['read', 'write', 'openid'] })).toMatchObject({ step })
  })

  test('a part of the details that were asked for is not enough', async () => {
    const asked = { authorizationDetails: [{ type: 'transfer', amount: 100 }] }
    const part = [{ type: 'transfer', amount: 1 }]
    for (const authorization_details of [undefined, part]) {
      const world = pollingWorld([() => Response.json(tokenBody({ id_token: tokenOf('ada'), authorization_details }))])
      expect(await world.run(make(), asked)).toMatchObject({ step: { status: 'refused', code: 'insufficient_scope' } })
      const [sent] = world.server.requests.filter(({ path }) => path === askedAt)
      expect(sent?.form.get('authorization_details')).toBe(JSON.stringify(asked.authorizationDetails))
    }
    const whole = pollingWorld([
      () => Response.json(tokenBody({ id_token: tokenOf('ada'), authorization_details: asked.authorizationDetails })),
    ])
    expect(await whole.run(make(), asked)).toMatchObject({ step: { status: 'granted' } })
  })

  test('the resource is named when somebody is asked, and again when the token is', async () => {
    const world = pollingWorld([granted])
    await world.run(make(), { resource: 'https://api.example/' })
    const named = world.server.requests.filter(({ path }) => path !== paths.oidc).map(({ form }) => form.get('resource'))
    expect(named).toEqual(['https://api.example/', 'https://api.example/'])
  })

  test.each(['aud', 'iss', 'exp'])('an ID token with a wrong %s brings no credential', async (claim) => {
    const wrong = { aud: 'somebody-else', iss: 'https://elsewhere.example', exp: 1 }[claim]
    const world = pollingWorld([() => Response.json(tokenBody({ id_token: tokenOf('ada', { [claim]: wrong ?? null }) }))])
    expect(await world.run(make())).toMatchObject({ error: { code: 'upstream_failed', details: { claim } } })
  })

  test('a token counts from the moment of the poll that brought it', async () => {
    const world = pollingWorld([granted])
    const { step } = await world.run(make())
    expect(step).toMatchObject({
      status: 'granted',
      credential: { expiresAt: world.runtime.now() + 300_000, host: 'login.example', subject: 'ada' },
    })
  })
})

function idOf(form: URLSearchParams): string | null {
  return form.get('auth_req_id') ?? form.get('device_code')
}

function tokenOf(sub: string, change: object = {}): string {
  // The library holds ID tokens against the real clock.
  const now = Math.floor(Date.now() / 1000)
  return idToken({ iss: issuer, aud: hostileClient.id, sub, iat: now, exp: now + 60, ...change })
}
