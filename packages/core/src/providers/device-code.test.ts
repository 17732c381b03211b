import { describe, expect, test } from 'vitest'
import type { AuthProvider } from '../auth/auth-provider.ts'
import { deviceCode } from './device-code.ts'
import { paths, tokenBody } from './hostile-server.ts'
import { hostileClient } from './hostile-sign-in.ts'
import { answer, askPaths, pending, pollingWorld } from '../testing/polling-world.ts'

const issuer = 'https://login.example'
const requirement = { provider: 'terminal', scopes: ['read'] }

test('nobody is rung, and a consent lasts until it is revoked', () => {
  const provider = make()
  expect([provider.notifies, provider.reuse, provider.host]).toEqual([false, 'principal', 'login.example'])
  expect(make({ scopes: ['write'] }).scopesOf(requirement)).toEqual(['read', 'write'])
})

test('a public client asks with its id alone, a confidential one proves itself, each for code and token', async () => {
  for (const client_secret of [undefined, hostileClient.secret]) {
    const world = pollingWorld([() => Response.json(tokenBody({ scope: 'read' }))])
    const end = await world.run(make({ client_secret, audience: 'https://api.example' }), requirement)
    expect(end).toMatchObject({ waits: [5], step: { status: 'granted', credential: { scopes: ['read'], tokenType: 'bearer' } } })
    const [asked, polled] = world.server.requests.filter(({ path }) => path !== paths.oidc)
    expect(Object.fromEntries(asked?.form ?? [])).toEqual({ client_id: hostileClient.id, scope: 'read', audience: 'https://api.example' })
    expect(polled?.form.get('device_code')).toBe('request-1')
    expect([asked, polled].map((sent) => sent?.headers.has('authorization'))).toEqual(Array(2).fill(client_secret !== undefined))
  }
})

test('the person is shown the code and where to type it, wait after wait, and never the device code', async () => {
  const complete = `${issuer}/activate?user_code=WDJB-MJHT`
  const world = pollingWorld([pending()], { verification_uri_complete: complete })
  const provider = make()
  const step = await provider.begin(requirement, world.context)
  if (step.status !== 'waiting') throw new Error('it does not wait')
  const challenge = {
    kind: 'device_code',
    userCode: 'WDJB-MJHT',
    verificationUri: `${issuer}/activate`,
    verificationUriComplete: complete,
  }
  expect(step.challenge).toEqual(challenge)
  expect(await provider.advance?.(requirement, step.state, { type: 'tick' }, world.context)).toMatchObject({ status: 'waiting', challenge })
})

describe('what a server wants to be shown', () => {
  test.each<readonly [string, object]>([
    ['a code with markup', { user_code: '<b>1234</b>' }],
    ['a code with an escape', { user_code: '\u001b[31mABCD' }],
    ['a code that reads backwards', { user_code: 'AB\u202eCD' }],
    ['a code on two lines', { user_code: 'AB\nCD' }],
    ['a code that is a story', { user_code: 'A'.repeat(33) }],
    ['an address without https', { verification_uri: 'http://login.example/activate' }],
    ['a script for an address', { verification_uri: 'javascript:alert(1)' }],
    ['an address with a password', { verification_uri: 'https://bank.example@evil.example/' }],
    ['an address without end', { verification_uri: `https://login.example/${'x'.repeat(3000)}` }],
    ['no address', { verification_uri: undefined }],
  ])('%s is not shown', async (_name, change) => {
    const world = pollingWorld([pending()], change)
    await expect(make().begin(requirement, world.context)).rejects.toMatchObject({ code: 'upstream_failed' })
  })

  test.each(['1234', 'WDJB-MJHT', 'abcd efgh', '123.456.789'])('the code %s is', async (user_code) => {
    const { context } = pollingWorld([pending()], { user_code })
    expect(await make().begin(requirement, context)).toMatchObject({ challenge: { userCode: user_code } })
  })

  test.each(['https://evil.example/activate?code=1', 'http://login.example/activate', 'not an address', `${issuer}/${'x'.repeat(3000)}`])(
    'a ready-made address elsewhere is left out: %s',
    async (verification_uri_complete) => {
      const { context } = pollingWorld([pending()], { verification_uri_complete })
      const step = await make().begin(requirement, context)
      expect(step).toMatchObject({ status: 'waiting', challenge: { verificationUri: `${issuer}/activate` } })
      expect(step).not.toHaveProperty('challenge.verificationUriComplete')
    },
  )
})

test.each(['invalid_client', 'unauthorized_client', 'invalid_scope'])(
  'a server that gives no code because of %s is a failure',
  async (code) => {
    const world = pollingWorld([pending()])
    world.server.script[askPaths.device] = answer(code)
    await expect(make().begin(requirement, world.context)).rejects.toMatchObject({ code })
  },
)

test('explicit addresses do without discovery, and need no issuer', async () => {
  const world = pollingWorld([() => Response.json(tokenBody())])
  const addresses = { device_authorization_url: `${issuer}${askPaths.device}`, token_url: `${issuer}${paths.token}` }
  expect(await world.run(make({ ...addresses, issuer: undefined }))).toMatchObject({ step: { status: 'granted' } })
  expect(world.server.count(paths.oidc)).toBe(0)
  expect(deviceCode.config.safeParse({ client_id: 'x', token_url: addresses.token_url }).success).toBe(false)
})

function make(change: object = {}): AuthProvider {
  return deviceCode.create(deviceCode.config.parse({ client_id: hostileClient.id, issuer, ...change }), { name: 'terminal' })
}
