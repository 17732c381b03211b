import { DEMO_PRIVATE_KEY, type DemoProvider, HEADLESS_CLIENTS, startDemoProvider } from '@countersign/demo-provider'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuthContext } from '../auth/auth-provider.ts'
import type { Credential } from '../auth/credential.ts'
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

let demo: DemoProvider
beforeAll(async () => {
  demo = await startDemoProvider({ port: 0 })
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
