import { describe, expect, test } from 'vitest'
import type { AuthContext, AuthProvider } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { Credential } from '../auth/credential.ts'
import { Secret } from '../runtime/secret.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import { type HostileServer, hostileServer, idToken, paths } from './hostile-server.ts'
import { hostileClient, hostileContext } from './hostile-sign-in.ts'
import { tokenExchange } from './token-exchange.ts'

const issuer = 'https://login.example'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const requirement: AuthRequirement = { provider: 'exchange', scopes: ['read'] }
const exchanged = { access_token: 'exchanged-1', issued_token_type: ACCESS_TOKEN, token_type: 'Bearer', expires_in: 60, scope: 'read' }

describe('whose credential is needed', () => {
  test("is the subject's, asked for as the tool says, but not for what the exchanged one allows", () => {
    const asked = { loginHint: 'ada', bindingMessage: 'K7-XQ', acrValues: ['high'], requestedExpirySeconds: 60 }
    const wanted = { ...requirement, ...asked, resource: 'https://api.example', origins: ['https://api.example'], reuse: 'run' } as const
    expect(partiesOf({}, wanted)).toEqual({ subject: { provider: 'person', ...asked } })
  })

  test('and that of who acts for them, where there is one', () => {
    expect(partiesOf({ actor_provider: 'agent' }, requirement)).toEqual({ subject: { provider: 'person' }, actor: { provider: 'agent' } })
  })
})

describe('the request', () => {
  test('carries the tokens of both, and asks for exactly what is needed', async () => {
    const { sent } = await exchange(
      { actor_provider: 'agent', scopes: ['list'], audience: 'reports' },
      { resource: 'https://api.example/' },
    )
    expect([...sent].toSorted(([left], [right]) => left.localeCompare(right))).toEqual([
      ['actor_token', 'actor-token'],
      ['actor_token_type', ACCESS_TOKEN],
      ['audience', 'reports'],
      ['grant_type', 'urn:ietf:params:oauth:grant-type:token-exchange'],
      ['requested_token_type', ACCESS_TOKEN],
      ['resource', 'https://api.example/'],
      ['scope', 'list read'],
      ['subject_token', 'subject-token'],
      ['subject_token_type', ACCESS_TOKEN],
    ])
  })

  test('names every API of the configuration, each by a parameter of its own', async () => {
    const apis = ['https://a.example/', 'https://b.example/']
    const { sent } = await exchange({ resource: apis, audience: ['one', 'two'] })
    expect([sent.getAll('resource'), sent.getAll('audience')]).toEqual([apis, ['one', 'two']])
  })

  test('hands over an ID token or a JWT under its own name', async () => {
    const subject = { ...party('subject'), idToken: new Secret('the-id-token') }
    const asIdToken = await exchange({ subject_token_type: 'id_token' }, { parties: { subject } })
    expect([asIdToken.sent.get('subject_token'), asIdToken.sent.get('subject_token_type')]).toEqual([
      'the-id-token',
      'urn:ietf:params:oauth:token-type:id_token',
    ])
    const asJwt = await exchange({ subject_token_type: 'jwt' })
    expect(asJwt.sent.get('subject_token_type')).toBe('urn:ietf:params:oauth:token-type:jwt')
  })

  test('never hands over the token of one person for another', async () => {
    const { provider, server, contextFor } = world()
    for (const [id, token] of [
      ['ada', 'token-of-ada'],
      ['mallory', 'token-of-mallory'],
      ['ada', 'token-of-ada'],
    ] as const)
      await provider.begin(requirement, contextFor({ subject: party(token) }, id))
    expect(server.requests.filter(({ path }) => path === paths.token).map(({ form }) => form.get('subject_token'))).toEqual([
      'token-of-ada-token',
      'token-of-mallory-token',
      'token-of-ada-token',
    ])
  })
})

describe('without the credential of', () => {
  test.each<readonly [string, object, AuthContext['parties'], string]>([
    ['the subject', {}, undefined, 'has no subject: the credential of "person" is not there'],
    ['the actor', { actor_provider: 'agent' }, { subject: party('subject') }, 'has no actor: the credential of "agent" is not there'],
    [
      'a subject with an ID token',
      { subject_token_type: 'id_token' },
      { subject: party('subject') },
      '"person" brought no id_token to hand over',
    ],
    [
      'a subject with a token',
      {},
      { subject: { ...party('subject'), tokenType: 'basic' } },
      '"person" brought no access_token to hand over',
    ],
  ])('%s nothing is sent, and it is said', async (...[, entry, parties, sentence]) => {
    const { provider, server, contextFor } = world(entry)
    const failure = provider.begin(requirement, contextFor(parties))
    await expect(failure).rejects.toMatchObject({ code: 'invalid_grant', message: expect.stringContaining(sentence) })
    expect(server.requests).toEqual([])
  })
})

describe('the answer', () => {
  test('becomes a credential that ends with its token and cannot be renewed', async () => {
    const { step, runtime, provider } = await exchange({}, { answer: { refresh_token: 'for-ever' }, resource: 'https://api.example/' })
    expect(step).toEqual({
      status: 'granted',
      credential: {
        tokenType: 'bearer',
        accessToken: expect.any(Secret),
        host: 'login.example',
        scopes: ['read'],
        expiresAt: runtime.now() + 60_000,
        resource: 'https://api.example/',
      },
    })
    expect('refresh' in provider || 'advance' in provider).toBe(false)
  })

  test('keeps its token to the last byte, so that the API sees who acts for whom (RFC 8693 §4.1)', async () => {
    const token = idToken({ sub: 'ada', act: { sub: 'agent', act: { sub: 'first-agent' } } })
    const { step } = await exchange({}, { answer: { access_token: token } })
    expect(step.status === 'granted' && step.credential.accessToken.reveal()).toBe(token)
  })

  test('is bound to the key that the request proved, where the entry asks for that', async () => {
    const { step } = await exchange({ dpop: true }, { answer: { token_type: 'DPoP' } })
    expect(step).toMatchObject({ status: 'granted', credential: { tokenType: 'dpop', proofKey: expect.any(Secret) } })
  })

  test.each<readonly [string, object, object]>([
    ['one scope more', { scope: 'read write' }, { code: 'invalid_scope' }],
    ['another scope', { scope: 'admin' }, { code: 'invalid_scope' }],
    ['a scope that is none', { scope: 'read "admin' }, { code: 'invalid_scope' }],
    ['no scope', { scope: '' }, { code: 'insufficient_scope' }],
  ])('that grants %s is refused, and nothing of it is kept', async (_name, answer, refused) => {
    const { step } = await exchange({}, { answer })
    expect(step).toMatchObject({ status: 'refused', ...refused })
    expect(JSON.stringify(step)).not.toContain('exchanged-1')
  })

  test('that grants what nobody has named is refused, although nothing in particular was asked for', async () => {
    const { provider, contextFor } = world({}, exchanged)
    expect(await provider.begin({ provider: 'exchange' }, contextFor({ subject: party('subject') }))).toMatchObject({
      status: 'refused',
      code: 'invalid_scope',
      reason: 'login.example granted more than was asked for; its token was not kept.',
    })
  })

  test('that does not name its scopes grants those that were asked for (RFC 8693 §2.2.1)', async () => {
    const { step } = await exchange({}, { answer: { scope: undefined } })
    expect(step).toMatchObject({ status: 'granted', credential: { scopes: ['read'] } })
  })

  test.each<readonly [string, object]>([
    ['says of no type', { issued_token_type: undefined }],
    ['is of another type', { issued_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }],
    ['goes on no request', { token_type: 'N_A' }],
    ['goes on requests in an unknown way', { token_type: 'mac' }],
    ['no header can carry', { access_token: 'a\r\nb' }],
  ])('with a token that %s is a failure', async (_name, answer) => {
    await expect(exchange({}, { answer })).rejects.toMatchObject({
      code: 'upstream_failed',
      message: expect.not.stringContaining('exchanged-1'),
    })
  })

  test.each([
    ['access_denied', { status: 'refused', code: 'access_denied' }],
    ['invalid_target', { code: 'invalid_target' }],
    ['invalid_request', { code: 'invalid_request' }],
    ['invalid_grant', { code: 'invalid_grant' }],
  ])('%s is told as it is, without the tokens', async (word, told) => {
    const { provider, server, contextFor } = world()
    server.script[paths.token] = () => Response.json({ error: word, error_description: 'subject-token' }, { status: 400 })
    const step = await provider.begin(requirement, contextFor({ subject: party('subject') })).catch((thrown: unknown) => thrown)
    expect(step).toMatchObject(told)
    expect(`${JSON.stringify(step)}${step instanceof Error ? step.message : ''}`).not.toContain('subject-token')
  })
})

describe('what was asked for in detail', () => {
  const details = [{ type: 'payment', amount: 5 }]

  test('is sent, and must be granted', async () => {
    const { sent, step } = await exchange({}, { answer: { authorization_details: details }, authorizationDetails: details })
    expect(JSON.parse(sent.get('authorization_details') ?? '')).toEqual(details)
    expect(step.status).toBe('granted')
  })

  test.each<readonly [string, readonly object[] | undefined]>([
    ['withheld', undefined],
    ['changed', [{ type: 'payment', amount: 500 }]],
    ['joined by another', [...details, { type: 'payment', amount: 500 }]],
  ])('is refused when it is %s', async (_name, granted) => {
    const { step } = await exchange({}, { answer: { authorization_details: granted }, authorizationDetails: details })
    expect(step).toMatchObject({ status: 'refused' })
  })

  test('is refused when nobody asked for it', async () => {
    expect((await exchange({}, { answer: { authorization_details: details } })).step).toMatchObject({ status: 'refused' })
  })
})

test('a credential is for one call, unless the tool says otherwise: the consent behind it may be for no more', () => {
  expect(world().provider.reuse).toBe('call')
})

test.each<readonly [string, object, string]>([
  ['nobody to speak for', { subject_provider: undefined }, 'subject_provider'],
  ['no way to the server', { issuer: undefined }, 'issuer'],
  ['a type that we do not hold', { subject_token_type: 'saml2' }, 'subject_token_type'],
  ['a token that renews others', { requested_token_type: 'refresh_token' }, 'requested_token_type'],
])('an entry with %s is refused', (_name, entry, key) => {
  const issues = tokenExchange.config.safeParse({ ...least, ...entry }).error?.issues
  expect(issues?.map(({ path }) => path[0])).toEqual([key])
})

const least = { client_id: hostileClient.id, client_secret: hostileClient.secret, issuer, subject_provider: 'person' }

function party(name: string): Credential {
  return { tokenType: 'bearer', accessToken: new Secret(`${name}-token`), scopes: ['read', 'write', 'admin'], expiresAt: null }
}

function partiesOf(entry: object, wanted: AuthRequirement) {
  return world(entry).provider.parties?.(wanted)
}

function world(entry: object = {}, answer: object = exchanged) {
  const server: HostileServer = hostileServer(issuer)
  server.script[paths.token] = () => Response.json(answer)
  const runtime = virtualRuntime({ fetch: (input, init) => server.answer(new Request(input, init)) })
  const config = tokenExchange.config.parse({ ...least, ...entry })
  const provider: AuthProvider = tokenExchange.create(config, { name: 'exchange' })
  const contextFor = (parties: AuthContext['parties'], id = 'ada'): AuthContext => ({
    ...hostileContext(runtime),
    principal: { id, kind: 'user', roles: [] },
    ...(parties && { parties }),
  })
  return { server, runtime, provider, contextFor }
}

type Case = Partial<AuthRequirement> & { readonly answer?: object; readonly parties?: AuthContext['parties'] }

/** One exchange: what was sent, and what came of it. */
async function exchange(entry: object, { answer, parties = { subject: party('subject'), actor: party('actor') }, ...wanted }: Case = {}) {
  const scope = [...tokenExchange.config.parse({ ...least, ...entry }).scopes, 'read'].join(' ')
  const { provider, server, runtime, contextFor } = world(entry, { ...exchanged, scope, ...answer })
  const step = await provider.begin({ ...requirement, ...wanted }, contextFor(parties))
  const sent = server.requests.find(({ path }) => path === paths.token)?.form ?? new URLSearchParams()
  return { step, sent, runtime, provider }
}
