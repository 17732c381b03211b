import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { oauthConfig } from './oauth-config.ts'

const least = { client_id: 'client', issuer: 'https://login.example' }
const endpoints = { client_id: 'client', authorization_url: 'https://login.example/authorize', token_url: 'https://login.example/token' }

const signingKey = JSON.stringify({ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'a-secret' })

test("NAT's entry of the simple_auth example is understood as it is", () => {
  const config = oauthConfig.parse({
    redirect_uri: 'http://localhost:8000/auth/redirect',
    authorization_url: 'http://localhost:5001/oauth/authorize',
    token_url: 'http://localhost:5001/oauth/token',
    token_endpoint_auth_method: 'client_secret_post',
    scopes: ['openid', 'profile', 'email'],
    client_id: 'nat',
    client_secret: 'a-secret',
    use_pkce: false,
    preflight_auth: true,
  })
  expect(config).toMatchObject({ use_pkce: false, unsafe_disable_pkce: false, preflight_auth: true })
})

test('the secret does not show when a configuration is printed', () => {
  const config = oauthConfig.parse({ ...least, client_secret: 'a-secret' })
  expect(inspect(config, { depth: 9, showHidden: true }) + JSON.stringify(config)).not.toContain('a-secret')
})

describe('refused, naming the key:', () => {
  test.each<readonly [string, object, string]>([
    ['no way to the server', { client_id: 'client' }, 'issuer'],
    ['one endpoint without the other', { ...least, token_url: endpoints.token_url }, 'authorization_url'],
    ['the other without the one', { ...least, authorization_url: endpoints.authorization_url }, 'token_url'],
    ['http beyond this computer', { ...least, issuer: 'http://login.example' }, 'issuer'],
    ['a host that only looks local', { ...least, issuer: 'http://127.0.0.1.evil.example' }, 'issuer'],
    ['a script as address', { ...endpoints, authorization_url: 'javascript:alert(1)' }, 'authorization_url'],
    ['credentials in an address', { ...endpoints, token_url: 'https://me:word@login.example/' }, 'token_url'],
    ['an issuer with a query', { ...least, issuer: 'https://login.example/?a=b' }, 'issuer'],
    ['a redirect address with a fragment', { ...least, redirect_uri: 'https://app.example/#x' }, 'redirect_uri'],
    ['an empty client id', { ...least, client_id: '' }, 'client_id'],
    [
      'a secret that is never sent',
      { ...least, client_secret: 'a-secret', token_endpoint_auth_method: 'none' },
      'token_endpoint_auth_method',
    ],
    ['a method without its secret', { ...least, token_endpoint_auth_method: 'client_secret_post' }, 'client_secret'],
    ['a method we do not have', { ...least, token_endpoint_auth_method: 'tls_client_auth' }, 'token_endpoint_auth_method'],
    ['a method without its key', { ...least, token_endpoint_auth_method: 'private_key_jwt' }, 'client_key'],
    ['a secret and a key', { ...least, client_secret: 'a-secret', client_key: signingKey }, 'client_key'],
    ['the name of a key without the key', { ...least, client_key_id: 'one' }, 'client_key_id'],
    ['a public key', { ...least, client_key: JSON.stringify({ kty: 'EC', crv: 'P-256', x: 'a-secret', y: 'y' }) }, 'client_key'],
    ['a key that is neither JWK nor PEM', { ...least, client_key: 'a-secret' }, 'client_key'],
    ['a resource that is no address', { ...least, resource: 'staff' }, 'resource'],
    ['pushed requests without their address', { ...endpoints, use_par: true }, 'pushed_authorization_request_url'],
    ['two scopes in one', { ...least, scopes: ['read write'] }, 'scopes'],
    ['a key nobody knows', { ...least, clientid: 'x' }, ''],
  ])('%s', (_name, entry, key) => {
    const issues = oauthConfig.safeParse(entry).error?.issues ?? []
    expect(issues.map((issue) => issue.path[0] ?? '')).toEqual([key])
    expect(JSON.stringify(issues)).not.toContain('a-secret')
  })

  test.each([
    'state',
    'code_challenge',
    'code_challenge_method',
    'client_id',
    'redirect_uri',
    'response_type',
    'nonce',
    'scope',
    'request',
  ])('the parameter "%s" among the further ones', (parameter) => {
    const issues = oauthConfig.safeParse({ ...least, authorization_kwargs: { [parameter]: 'x' } }).error?.issues
    expect(issues?.map(({ path }) => path)).toEqual([['authorization_kwargs']])
  })
})

test.each(['http://localhost:5001', 'http://127.0.0.1:5001', 'http://127.8.9.10', 'http://[::1]:5001', 'https://login.example/realm'])(
  'the issuer "%s" is accepted',
  (issuer) => {
    expect(oauthConfig.safeParse({ ...least, issuer }).success).toBe(true)
  },
)
