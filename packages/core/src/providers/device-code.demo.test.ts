import { type DemoProvider, HEADLESS_CLIENTS, startDemoProvider } from '@countersign/demo-provider'
import { TestDevice } from '@countersign/demo-provider/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuthContext, AuthProvider, Challenge } from '../auth/auth-provider.ts'
import { systemRuntime } from '../runtime/system-runtime.ts'
import { providerContract } from '../testing/provider-contract.ts'
import { deviceCode } from './device-code.ts'

const context: AuthContext = {
  runtime: systemRuntime(),
  principal: { id: 'ada', kind: 'user', roles: [] },
  redirectUri: 'http://localhost:8000/auth/redirect',
}
const boxClient = {
  clientId: 'box',
  clientSecret: 'box-secret-4f1a',
  name: 'A box without a keyboard',
  authentication: 'client_secret_basic',
  grants: ['device_code', 'refresh_token'],
} as const
const entries = {
  'a public client': { client_id: HEADLESS_CLIENTS.terminal.clientId },
  'a confidential client': { client_id: boxClient.clientId, client_secret: boxClient.clientSecret },
  'a client with bound tokens': { client_id: HEADLESS_CLIENTS.terminal.clientId, dpop: true },
} as const

let demo: DemoProvider
beforeAll(async () => {
  demo = await startDemoProvider({ port: 0, clients: [boxClient] })
})
afterAll(() => demo.stop())

describe.each(Object.entries(entries))('%s', (name, entry) => {
  providerContract(
    `a device code provider (${name})`,
    async () => {
      const before = demo.tokenRequests()
      return {
        provider: make(entry),
        context,
        requirement: { provider: 'terminal', scopes: ['openid', 'email', 'offline_access'] },
        secrets: 'client_secret' in entry ? [entry.client_secret] : [],
        tokenRequests: () => demo.tokenRequests() - before,
        decide: async (challenge, decision) => {
          const device = await TestDevice.of(demo.issuer, 'ada-lovelace')
          await (decision === 'approve' ? device.allow(codeOf(challenge)) : device.deny(codeOf(challenge)))
        },
      }
    },
    { describe, test, expect },
  )
})

test('the token is of the person who typed the code, and for the resource that was named', async () => {
  const provider = make(entries['a public client'])
  const resource = `${demo.issuer}/api/reports`
  const requirement = { provider: 'terminal', scopes: ['openid', 'read:reports'], resource }
  const step = await provider.begin(requirement, context)
  if (step.status !== 'waiting') throw new Error('it does not wait')
  const device = await TestDevice.of(demo.issuer, 'grace-hopper')
  await device.allow(codeOf(step.challenge))
  const end = await provider.advance?.(requirement, step.state, { type: 'tick' }, context)
  if (end?.status !== 'granted') throw new Error(JSON.stringify(end))
  expect(end.credential).toMatchObject({ subject: 'grace-hopper', scopes: ['openid', 'read:reports'] })
  const authorization = `Bearer ${end.credential.accessToken.reveal()}`
  expect((await fetch(resource, { headers: { authorization } })).status).toBe(200)
})

test('the ready-made address has the code in it, and is where the code is typed', async () => {
  const step = await make(entries['a public client']).begin({ provider: 'terminal', scopes: ['openid'] }, context)
  if (step.status !== 'waiting' || step.challenge.kind !== 'device_code') throw new Error('it does not wait')
  const { userCode, verificationUri, verificationUriComplete = '' } = step.challenge
  expect(verificationUri).toBe(`${demo.issuer}/device`)
  expect(new URL(verificationUriComplete).searchParams.get('user_code')).toBe(userCode)
})

function make(entry: object): AuthProvider {
  return deviceCode.create(deviceCode.config.parse({ issuer: demo.issuer, ...entry }), { name: 'terminal' })
}

function codeOf(challenge: Challenge): string {
  if (challenge.kind !== 'device_code') throw new Error('there is no code to type')
  return challenge.userCode
}
