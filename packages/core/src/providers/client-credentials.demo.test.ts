import { DEMO_PRIVATE_KEY, type DemoProvider, HEADLESS_CLIENTS, startDemoProvider } from '@countersign/demo-provider'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuthContext } from '../auth/auth-provider.ts'
import type { Credential } from '../auth/credential.ts'
import { fromBase64url } from '../runtime/base64url.ts'
import { systemRuntime } from '../runtime/system-runtime.ts'
import { providerContract } from '../testing/provider-contract.ts'
import { authoriseRequest } from '../tool/authorise-request.ts'
import { clientCredentials } from './client-credentials.ts'

const context: AuthContext = {
  runtime: systemRuntime(),
  principal: { id: 'ada', kind: 'user', roles: [] },
  redirectUri: 'http://localhost:8000/auth/redirect',
}
const { service, serviceKey } = HEADLESS_CLIENTS
const clients = {
  'a secret': { client_id: service.clientId, client_secret: service.clientSecret },
  'a key': { client_id: serviceKey.clientId, client_key: JSON.stringify(DEMO_PRIVATE_KEY) },
}
const postClient = {
  clientId: 'post',
  clientSecret: 'post-secret-6d1e',
  name: 'Sends its secret in the body',
  authentication: 'client_secret_post',
  grants: ['client_credentials'],
} as const
const ledgers = {
  id: 'https://ledgers.example/',
  name: 'Ledgers',
  scopes: { 'read:ledgers': 'Read the ledgers' },
  clients: [postClient.clientId],
}
const post = {
  client_id: postClient.clientId,
  client_secret: postClient.clientSecret,
  token_endpoint_auth_method: postClient.authentication,
}

let demo: DemoProvider
beforeAll(async () => {
  demo = await startDemoProvider({ port: 0, clients: [postClient], resources: [ledgers] })
})
afterAll(() => demo.stop())

describe.each(Object.entries(clients))('a service that shows who it is by %s', (name, client) => {
  providerContract(
    `a client credentials provider (${name})`,
    async () => {
      const before = demo.tokenRequests()
      const requirement = { provider: 'demo', scopes: ['read:reports'], resource: reports() }
      const secrets = 'client_secret' in client ? [client.client_secret] : [DEMO_PRIVATE_KEY.d]
      return { provider: make(client), context, requirement, secrets, tokenRequests: () => demo.tokenRequests() - before }
    },
    { describe, test, expect },
  )

  test.each([
    ['a bearer token', {}, 'bearer'],
    ['a bound token', { dpop: true }, 'dpop'],
  ])('reads the reports with %s', async (_name, entry, tokenType) => {
    const credential = await grant({ ...client, ...entry }, ['read:reports'])
    expect(credential.tokenType).toBe(tokenType)
    const request = await authoriseRequest(new Request(reports()), credential, undefined)
    expect((await fetch(request)).status).toBe(200)
  })
})

describe('a service that sends its secret in the body', () => {
  const requirement = { provider: 'demo', scopes: ['read:ledgers'], resource: ledgers.id }

  providerContract(
    'a client credentials provider (a secret in the body)',
    async () => {
      const before = demo.tokenRequests()
      const tokenRequests = () => demo.tokenRequests() - before
      return { provider: make(post), context, requirement, secrets: [postClient.clientSecret], tokenRequests }
    },
    { describe, test, expect },
  )

  test('obtains a token for the API that lists it, with its secret in the body and nowhere else', async () => {
    const sent: Request[] = []
    const fetch = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
      const request = new Request(input, init)
      sent.push(request.clone())
      return context.runtime.fetch(request)
    }
    const step = await make(post).begin(requirement, { ...context, runtime: { ...context.runtime, fetch } })
    if (step.status !== 'granted') throw new Error(`not granted: ${JSON.stringify(step)}`)
    expect(claimsOf(step.credential)).toMatchObject({ sub: 'post', client_id: 'post', aud: ledgers.id, scope: 'read:ledgers' })
    const asked = sent.find(({ method }) => method === 'POST')
    expect([asked?.headers.get('authorization'), new URL(asked?.url ?? '').search]).toEqual([null, ''])
    expect(new URLSearchParams(await asked?.text()).get('client_secret')).toBe(postClient.clientSecret)
  })

  test('obtains nothing with a wrong one', async () => {
    const wrong = make({ ...post, client_secret: 'wrong' }).begin(requirement, context)
    await expect(wrong).rejects.toMatchObject({ code: 'invalid_client' })
  })
})

test('a bound token is of no use to whoever has only the token', async () => {
  const { proofKey: _lost, ...stolen } = await grant({ ...clients['a secret'], dpop: true }, ['read:reports'])
  const response = await fetch(await authoriseRequest(new Request(reports()), { ...stolen, tokenType: 'bearer' }, undefined))
  expect(response.status).toBe(401)
})

test.each([
  ['a wrong secret', { ...clients['a secret'], client_secret: 'wrong' }, ['read:reports'], 'invalid_client'],
  ["somebody else's key", { ...clients['a key'], client_id: service.clientId }, ['read:reports'], 'invalid_client'],
  ['a scope the API does not have', clients['a secret'], ['read:reports', 'fly'], 'insufficient_scope'],
])('%s obtains nothing', async (...[, entry, scopes, code]) => {
  const requirement = { provider: 'demo', scopes, resource: reports() }
  const step = await make(entry)
    .begin(requirement, context)
    .catch((error: unknown) => error)
  expect(step).toMatchObject({ code })
})

function reports(): string {
  return `${demo.issuer}/api/reports`
}

function make(entry: object) {
  return clientCredentials.create(clientCredentials.config.parse({ issuer: demo.issuer, ...entry }), { name: 'demo' })
}

async function grant(entry: object, scopes: readonly string[]): Promise<Credential> {
  const step = await make(entry).begin({ provider: 'demo', scopes, resource: reports() }, context)
  if (step.status !== 'granted') throw new Error(`not granted: ${JSON.stringify(step)}`)
  return step.credential
}

function claimsOf({ accessToken }: Credential): unknown {
  return JSON.parse(new TextDecoder().decode(fromBase64url(accessToken.reveal().split('.')[1] ?? '')))
}
