import { describe, expect, test } from 'vitest'
import type { AuthContext, AuthProvider } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { Credential } from '../auth/credential.ts'
import { isCountersignError } from '../errors.ts'
import { Secret } from '../runtime/secret.ts'
import { ciba } from './ciba.ts'
import { idToken, issued, paths, tokenBody } from './hostile-server.ts'
import { hostileClient } from './hostile-sign-in.ts'
import { answer, askPaths, pending, pollingWorld, type PollingWorld } from '../testing/polling-world.ts'

const issuer = 'https://login.example'
const requirement: AuthRequirement = { provider: 'phone', loginHint: 'ada' }

test('it rings, asks for each call anew, and always asks for openid', () => {
  const provider = make({ scopes: ['write'] })
  expect([provider.notifies, provider.reuse, 'parties' in provider]).toEqual([true, 'call', false])
  expect(provider.scopesOf({ provider: 'phone', scopes: ['read'] })).toEqual(['openid', 'read', 'write'])
})

describe('the request', () => {
  test('carries all that was asked for, each once', async () => {
    const world = pollingWorld([pending()])
    const provider = make({ audience: 'https://api.example', scopes: ['write'], requested_expiry_seconds: 60, acr_values: ['low'] })
    const asked = { bindingMessage: 'K7-XQ', acrValues: ['high', 'higher'], requestedExpirySeconds: 120, resource: 'https://api.example/' }
    await provider.begin({ ...requirement, ...asked, scopes: ['read'] }, world.context)
    expect([...sentBy(world)].toSorted(([left], [right]) => (left < right ? -1 : 1))).toEqual([
      ['acr_values', 'high higher'],
      ['audience', 'https://api.example'],
      ['binding_message', 'K7-XQ'],
      ['client_id', hostileClient.id],
      ['login_hint', 'ada'],
      ['requested_expiry', '120'],
      ['resource', 'https://api.example/'],
      ['scope', 'openid read write'],
    ])
    const [sent] = world.server.requests.filter(({ path }) => path === askPaths.backchannel)
    const [scheme, words = ''] = sent?.headers.get('authorization')?.split(' ') ?? []
    expect([scheme, decodeURIComponent(atob(words))]).toEqual(['Basic', `${hostileClient.id}:${hostileClient.secret}`])
  })

  test('waits with the words that are on the device, found by its id', async () => {
    const { context, runtime } = pollingWorld([pending()])
    const step = await make().begin({ ...requirement, bindingMessage: 'K7-XQ' }, context)
    expect(step).toMatchObject({
      status: 'waiting',
      challenge: { kind: 'backchannel', bindingMessage: 'K7-XQ' },
      correlation: 'request-1',
      expiresAt: runtime.now() + 300_000,
      pollAt: runtime.now() + 5000,
      phase: 'waiting',
    })
    expect(step).not.toHaveProperty('pingToken')
  })

  test('names a subject of an issuer in JSON that no name can break', async () => {
    const world = pollingWorld([pending()])
    const loginHint = 'auth0|x","iss":"https://evil.example'
    await make({ login_hint_format: 'iss_sub' }).begin({ ...requirement, loginHint }, world.context)
    expect(JSON.parse(sentBy(world).get('login_hint') ?? '')).toEqual({ format: 'iss_sub', iss: issuer, sub: loginHint })
  })

  test('names the issuer that the configuration gives', async () => {
    const world = pollingWorld([pending()])
    await make({ login_hint_format: 'iss_sub', hint_issuer: `${issuer}/` }).begin(requirement, world.context)
    expect(JSON.parse(sentBy(world).get('login_hint') ?? '')).toMatchObject({ iss: `${issuer}/` })
  })

  test.each<readonly [string, Partial<AuthRequirement>]>([
    ['nobody', { loginHint: '' }],
    ['nobody at all', {}],
  ])('that names %s is not sent', async (_name, hint) => {
    const world = pollingWorld([pending()])
    const begun = make().begin({ provider: 'phone', ...hint }, world.context)
    await expect(begun).rejects.toMatchObject({ code: 'invalid_config', message: expect.stringContaining('whom to ask') })
    expect(world.server.count(askPaths.backchannel)).toBe(0)
  })
})

describe('with the ID token of another provider as its hint', () => {
  const provider = make({ id_token_hint_from: 'work' })
  const accessOnly: Credential = { tokenType: 'bearer', accessToken: new Secret('theirs'), scopes: ['openid'], expiresAt: null }
  const signedIn = { subject: { ...accessOnly, idToken: new Secret('the.id.token'), subject: 'ada' } }

  test('it is that provider that has to be signed in to', () => {
    expect(provider.parties?.({ provider: 'phone' })).toEqual({ subject: { provider: 'work', scopes: ['openid'] } })
  })

  test('the ID token is the one hint, and is in no wait', async () => {
    const world = pollingWorld([pending()])
    const step = await provider.begin({ provider: 'phone' }, { ...world.context, parties: signedIn })
    expect([...sentBy(world).keys()].filter((key) => key.includes('hint'))).toEqual(['id_token_hint'])
    expect(sentBy(world).get('id_token_hint')).toBe('the.id.token')
    expect(JSON.stringify(step)).not.toContain('the.id.token')
  })

  test.each<readonly [string, Partial<AuthRequirement>, AuthContext['parties']]>([
    ['a tool that names somebody too', { loginHint: 'bob' }, signedIn],
    ['a sign-in without an ID token', {}, { subject: { ...accessOnly, subject: 'ada' } }],
    ['nobody signed in', {}, undefined],
  ])('%s asks nobody', async (_name, hint, parties) => {
    const world = pollingWorld([pending()])
    const begun = provider.begin({ provider: 'phone', ...hint }, { ...world.context, ...(parties && { parties }) })
    await expect(begun).rejects.toMatchObject({ code: 'invalid_config' })
    expect(world.server.count(askPaths.backchannel)).toBe(0)
  })

  test('the approval of somebody else grants nothing', async () => {
    const world = pollingWorld([() => Response.json(tokenBody({ id_token: tokenOf('mallory') }))])
    const step = await provider.begin({ provider: 'phone' }, { ...world.context, parties: signedIn })
    if (step.status !== 'waiting') throw new Error('it does not wait')
    const advanced = provider.advance?.({ provider: 'phone' }, step.state, { type: 'tick' }, world.context)
    await expect(advanced).rejects.toMatchObject({ code: 'upstream_failed', details: { claim: 'sub' } })
  })
})

describe('who approves', () => {
  const iss_sub = { login_hint_format: 'iss_sub' }
  const high = { acr_values: ['high'] }
  const somebodyElse = { error: { code: 'upstream_failed', details: { claim: 'sub' } } }
  const tooWeak = { error: { code: 'upstream_failed', details: { claim: 'acr' } } }
  const granted = { step: { status: 'granted' } }
  test.each<readonly [string, { entry: object; claims?: { sub: string; acr?: string }; end: object }]>([
    ['is the person who was asked', { entry: iss_sub, claims: { sub: 'ada' }, end: { step: { credential: { subject: 'ada' } } } }],
    ['is somebody else', { entry: iss_sub, claims: { sub: 'mallory' }, end: somebodyElse }],
    ['is not said', { entry: iss_sub, end: somebodyElse }],
    ['was asked under another name than their subject', { entry: {}, claims: { sub: 'user-7' }, end: granted }],
    ['proved who they are as asked', { entry: high, claims: { sub: 'ada', acr: 'high' }, end: granted }],
    ['proved it less strongly', { entry: high, claims: { sub: 'ada', acr: 'low' }, end: tooWeak }],
    ['does not say how they proved it', { entry: high, claims: { sub: 'ada' }, end: tooWeak }],
  ])('%s', async (_name, { entry: change, claims, end }) => {
    const world = pollingWorld([() => Response.json(tokenBody(claims && { id_token: tokenOf(claims.sub, claims) }))])
    expect(await world.run(make(change))).toMatchObject(end)
  })

  test('is nobody whom the server itself would sign in', async () => {
    const world = pollingWorld([() => Response.json(tokenBody({ id_token: tokenOf('ada') }))])
    expect((await world.run(make())).step).not.toHaveProperty('identity')
  })
})

test('a binding message that the server would refuse is refused before anything is sent', async () => {
  const world = pollingWorld([pending()])
  const step = await make({ binding_message: 'auth0' }).begin({ ...requirement, bindingMessage: 'two words' }, world.context)
  expect(step).toEqual({ status: 'refused', code: 'invalid_binding_message', reason: expect.stringContaining('may hold only') })
  expect(world.server.requests).toEqual([])
})

test('explicit addresses do without discovery', async () => {
  const world = pollingWorld([() => Response.json(tokenBody())])
  const addresses = { backchannel_authentication_url: `${issuer}${askPaths.backchannel}`, token_url: `${issuer}${paths.token}` }
  const provider = make({ ...addresses, issuer: undefined })
  expect(await world.run(provider)).toMatchObject({ step: { status: 'granted' } })
  expect([provider.host, world.server.count(paths.oidc)]).toEqual(['login.example', 0])
})

describe('a server that does not ask anybody', () => {
  test.each([
    'unknown_user_id',
    'expired_login_hint_token',
    'missing_user_code',
    'invalid_user_code',
    'invalid_binding_message',
    'access_denied',
    'invalid_request',
  ])('because of %s is a refusal in that word, and in none of its own', async (code) => {
    const world = pollingWorld([pending()])
    world.server.script[askPaths.backchannel] = answer(code, { status: code === 'access_denied' ? 403 : 400 })
    expect(await make().begin(requirement, world.context)).toEqual({ status: 'refused', code })
    expect(JSON.stringify(world.runtime.logged)).not.toContain('words of the server')
    expect(world.server.count(askPaths.backchannel)).toBe(1)
  })

  test.each(['invalid_client', 'unauthorized_client', 'invalid_scope', 'invalid_target', 'invalid_authorization_details'])(
    'because of %s is a failure for the operator',
    async (code) => {
      const world = pollingWorld([pending()])
      world.server.script[askPaths.backchannel] = answer(code)
      await expect(make().begin(requirement, world.context)).rejects.toMatchObject({ code })
    },
  )

  const refused = Object.assign(new TypeError('fetch failed'), { cause: Object.assign(new Error('refused'), { syscall: 'connect' }) })
  const { backchannel } = askPaths
  test.each<readonly [string, { at: string; said: () => Response | Promise<Response>; isSent: boolean | undefined }]>([
    ['is not there: no device rang', { at: backchannel, said: () => Promise.reject(refused), isSent: false }],
    ['hangs up: a device may ring', { at: backchannel, said: () => Promise.reject(new TypeError('fetch failed')), isSent: undefined }],
    ['breaks: a device may ring', { at: backchannel, said: () => new Response('trace', { status: 500 }), isSent: undefined }],
    ['names no request: a device may ring', { at: backchannel, said: () => Response.json({ expires_in: 300 }), isSent: undefined }],
    ['does not describe itself: no device rang', { at: paths.oidc, said: () => new Response('away', { status: 503 }), isSent: false }],
  ])('because it %s', async (_name, { at, said, isSent }) => {
    const world = pollingWorld([pending()])
    world.server.script[at] = said
    const failure = await make()
      .begin(requirement, world.context)
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'upstream_failed' })
    expect(isCountersignError(failure) && failure.details['isSent']).toBe(isSent)
  })
})

describe('in ping mode', () => {
  const provider = make({ delivery_mode: 'ping' })

  test('each request has a token of 256 bits for its ping, which no other has', async () => {
    const world = pollingWorld([pending()])
    const tokens: unknown[] = []
    for (const _ of [1, 2]) {
      const step = await provider.begin(requirement, world.context)
      if (step.status === 'waiting') tokens.push(step.pingToken)
    }
    expect(tokens).toEqual(world.server.requests.slice(1).map(({ form }) => form.get('client_notification_token')))
    expect(new Set(tokens).size).toBe(2)
    expect(tokens.map(String).every((token) => /^[\w-]{43}$/.test(token))).toBe(true)
  })

  test('without news it is waited for by the same id and token', async () => {
    const world = pollingWorld([pending(), () => Response.json(tokenBody())])
    const step = await provider.begin(requirement, world.context)
    if (step.status !== 'waiting') throw new Error('it does not wait')
    const next = await provider.advance?.(requirement, step.state, { type: 'tick' }, world.context)
    expect(next).toMatchObject({ status: 'waiting', correlation: step.correlation, pingToken: step.pingToken, state: step.state })
    expect(await provider.advance?.(requirement, step.state, { type: 'tick' }, world.context)).toMatchObject({ status: 'granted' })
  })

  test('it is polled all the same when no ping comes', async () => {
    const world = pollingWorld([pending(), () => Response.json(tokenBody())])
    expect(await world.run(provider)).toMatchObject({ waits: [5, 5], step: { status: 'granted' } })
  })
})

test('a credential with a refresh token is renewed and withdrawn like any other', async () => {
  const world = pollingWorld([() => Response.json(tokenBody({ id_token: tokenOf('ada') }))])
  const provider = make()
  const { step } = await world.run(provider)
  if (step?.status !== 'granted') throw new Error('not granted')
  const renewed = await provider.refresh?.(step.credential, world.context)
  expect(renewed?.subject).toBe('ada')
  expect(world.server.requests.at(-1)?.form.get('refresh_token')).toBe(issued.refreshToken)
  expect(await provider.revoke?.(step.credential, world.context)).toBe(true)
})

function entry(): object {
  return { client_id: hostileClient.id, client_secret: hostileClient.secret, issuer }
}

function make(change: object = {}): AuthProvider {
  return ciba.create(ciba.config.parse({ ...entry(), ...change }), { name: 'phone' })
}

function sentBy({ server }: PollingWorld): URLSearchParams {
  return server.requests.find(({ path }) => path === askPaths.backchannel)?.form ?? new URLSearchParams()
}

function tokenOf(sub: string, change: object = {}): string {
  // The library holds ID tokens against the real clock.
  const now = Math.floor(Date.now() / 1000)
  return idToken({ iss: issuer, aud: hostileClient.id, sub, iat: now, exp: now + 60, ...change })
}
