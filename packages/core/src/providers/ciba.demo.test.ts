import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DEMO_PRIVATE_KEY, type DemoProvider, HEADLESS_CLIENTS, startDemoProvider } from '@countersign/demo-provider'
import { TestDevice, TestPhone } from '@countersign/demo-provider/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuthContext, AuthProvider, AuthStep } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { systemRuntime } from '../runtime/system-runtime.ts'
import { providerContract } from '../testing/provider-contract.ts'
import { ciba } from './ciba.ts'
import { deviceCode } from './device-code.ts'

const context: AuthContext = {
  runtime: systemRuntime(),
  principal: { id: 'agent', kind: 'service', roles: [] },
  redirectUri: 'http://localhost:8000/auth/redirect',
}
const ada = { provider: 'phone', loginHint: 'ada-lovelace' } as const
const { ciba: polled, cibaPing, serviceKey } = HEADLESS_CLIENTS
const entries = {
  'by polling': { client_id: polled.clientId, client_secret: polled.clientSecret },
  'by ping': { client_id: cibaPing.clientId, client_secret: cibaPing.clientSecret, delivery_mode: 'ping' },
  'with a key': { client_id: serviceKey.clientId, client_key: JSON.stringify(DEMO_PRIVATE_KEY) },
  'with bound tokens': { client_id: polled.clientId, client_secret: polled.clientSecret, dpop: true },
} as const
/** An ID token is a hint only of the client that it was issued to (CIBA Core §7.1). */
const both = {
  clientId: 'both',
  clientSecret: 'both-secret-7b2c',
  name: 'Signs in and asks',
  authentication: 'client_secret_basic',
  grants: ['device_code', 'ciba'],
} as const

/** Where pings arrive: the bearer and the body of each. */
const pings: { readonly authorization: string | undefined; readonly body: string }[] = []
const listener = createServer((request, response) => void receive(request).then(() => response.writeHead(204).end()))
let demo: DemoProvider
beforeAll(async () => {
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  const pingEndpoint = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/auth/ping`
  demo = await startDemoProvider({ port: 0, pingEndpoint, clients: [both] })
})
afterAll(async () => {
  await demo.stop()
  listener.close()
})

describe.each(Object.entries(entries))('asked %s', (name, entry) => {
  const { client_secret = DEMO_PRIVATE_KEY.d } = entry as { readonly client_secret?: string }
  providerContract(
    `a CIBA provider (${name})`,
    async () => {
      const before = demo.tokenRequests()
      const phone = await TestPhone.of(demo.issuer, 'ada-lovelace')
      return {
        provider: make(entry),
        context,
        requirement: { ...ada, scopes: ['openid', 'email', 'offline_access'], bindingMessage: 'K7-XQ' },
        secrets: [client_secret],
        tokenRequests: () => demo.tokenRequests() - before,
        decide: async (_challenge, decision) => {
          const [newest] = await phone.waiting()
          await (decision === 'approve' ? newest?.approve() : newest?.deny())
        },
      }
    },
    { describe, test, expect },
  )
})

test('the phone shows who asks, for what, and the words that the person compares', async () => {
  const { request } = await ask({ bindingMessage: 'Pay 5 EUR?', scopes: ['read:reports'], resource: reports() })
  expect(request).toMatchObject({ bindingMessage: 'Pay 5 EUR?', clientName: polled.name, scopes: ['openid', 'read:reports'] })
})

test('the token is for the resource that was named, and opens it for the person who approved', async () => {
  const { request, poll } = await ask({ scopes: ['read:reports'], resource: reports() })
  await request.approve()
  const step = await poll()
  if (step?.status !== 'granted') throw new Error(JSON.stringify(step))
  expect(step.credential).toMatchObject({ subject: 'ada-lovelace', scopes: ['openid', 'read:reports'], resource: reports() })
  const authorization = `Bearer ${step.credential.accessToken.reveal()}`
  expect((await fetch(reports(), { headers: { authorization } })).status).toBe(200)
})

test('who approves a part has not approved what was asked for', async () => {
  const { request, poll } = await ask({ scopes: ['read:reports', 'write:reports'], resource: reports() })
  await request.approve(['openid', 'read:reports'])
  expect(await poll()).toEqual({ status: 'refused', code: 'insufficient_scope', reason: 'not granted: write:reports' })
})

test('details are granted as they were asked for', async () => {
  const details = { type: 'payment_initiation', instructedAmount: { currency: 'EUR', amount: '5.00' }, creditorName: 'Grace' }
  const { request, poll } = await ask({ scopes: ['read:reports'], resource: reports(), authorizationDetails: [details] })
  expect(request.text).toContain('5.00 EUR')
  await request.approve()
  expect(await poll()).toMatchObject({ status: 'granted' })
})

test.each<readonly [string, Partial<AuthRequirement>, object]>([
  ['a person nobody knows', { loginHint: 'nobody-at-all' }, { status: 'refused', code: 'unknown_user_id' }],
  ['a message that the server does not show', { bindingMessage: 'é' }, { status: 'refused', code: 'invalid_binding_message' }],
])('%s is refused before anybody is asked', async (_name, asked, refused) => {
  expect(await make(entries['by polling']).begin({ ...ada, ...asked }, context)).toMatchObject(refused)
})

test('a person is named by subject, by e-mail address or with the issuer', async () => {
  const mail = await make(entries['by polling']).begin({ ...ada, loginHint: 'ada-lovelace@example.test' }, context)
  const subject = await make({ ...entries['by polling'], login_hint_format: 'iss_sub' }).begin(ada, context)
  expect([mail.status, subject.status]).toEqual(['waiting', 'waiting'])
})

test('a resource that the client may not ask for, a wrong secret: failures for the operator', async () => {
  const foreign = make(entries['by polling']).begin({ ...ada, scopes: ['x'], resource: 'https://elsewhere.example/' }, context)
  await expect(foreign).rejects.toMatchObject({ code: 'invalid_target' })
  const wrong = make({ ...entries['by polling'], client_secret: 'wrong' }).begin(ada, context)
  await expect(wrong).rejects.toMatchObject({ code: 'invalid_client' })
})

test('a ping comes with the token of its request after a yes and after a no, and the next poll has the news', async () => {
  const provider = make(entries['by ping'])
  for (const decision of ['approve', 'deny'] as const) {
    const { step, request, poll } = await ask({}, provider)
    const arrived = once(listener, 'request')
    await request[decision]()
    await arrived
    await expect
      .poll(() => pings.at(-1))
      .toEqual({
        authorization: `Bearer ${step.pingToken}`,
        body: JSON.stringify({ auth_req_id: step.correlation }),
      })
    expect(await poll()).toMatchObject(decision === 'approve' ? { status: 'granted' } : { status: 'refused', code: 'access_denied' })
  }
})

test('whoever is signed in elsewhere can be asked by the ID token of that sign-in', async () => {
  const entry = { client_id: both.clientId, client_secret: both.clientSecret }
  const signedIn = deviceCode.create(deviceCode.config.parse({ ...entry, issuer: demo.issuer }), { name: 'work' })
  const requirement = { provider: 'work', scopes: ['openid'] }
  const begun = await signedIn.begin(requirement, context)
  if (begun.status !== 'waiting' || begun.challenge.kind !== 'device_code') throw new Error('no code')
  await (await TestDevice.of(demo.issuer, 'ada-lovelace')).allow(begun.challenge.userCode)
  const step = await signedIn.advance?.(requirement, begun.state, { type: 'tick' }, context)
  if (step?.status !== 'granted') throw new Error(JSON.stringify(step))
  const provider = make({ ...entry, id_token_hint_from: 'work' })
  const phone = await TestPhone.of(demo.issuer, 'ada-lovelace')
  const before = (await phone.waiting()).length
  const asked = await provider.begin({ provider: 'phone' }, { ...context, parties: { subject: step.credential } })
  expect([asked.status, (await phone.waiting()).length]).toEqual(['waiting', before + 1])
})

/** Asks Ada, and reads it off her phone. */
async function ask(asked: Partial<AuthRequirement>, provider = make(entries['by polling'])) {
  const requirement = { ...ada, ...asked }
  const phone = await TestPhone.of(demo.issuer, 'ada-lovelace')
  const step = await provider.begin(requirement, context)
  const [request] = await phone.waiting()
  if (step.status !== 'waiting' || request === undefined) throw new Error(`nobody was asked: ${JSON.stringify(step)}`)
  const poll = async (): Promise<AuthStep | undefined> => provider.advance?.(requirement, step.state, { type: 'tick' }, context)
  return { step, request, poll }
}

function make(entry: object): AuthProvider {
  return ciba.create(ciba.config.parse({ issuer: demo.issuer, ...entry }), { name: 'phone' })
}

function reports(): string {
  return `${demo.issuer}/api/reports`
}

async function receive(request: IncomingMessage): Promise<void> {
  const body = Buffer.concat(await request.toArray()).toString()
  pings.push({ authorization: request.headers.authorization, body })
}
