import { DEMO_CLIENTS, type DemoProvider, HEADLESS_CLIENTS, startDemoProvider } from '@countersign/demo-provider'
import { TestBrowser, TestDevice, TestPhone } from '@countersign/demo-provider/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuthContext, AuthProvider, Challenge } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { Presence } from '../protocol/principal.ts'
import { systemRuntime } from '../runtime/system-runtime.ts'
import { providerContract } from '../testing/provider-contract.ts'
import type { ProviderBench } from '../testing/provider-bench.ts'
import { authoriseRequest } from '../tool/authorise-request.ts'
import { authorizationCode } from './authorization-code.ts'
import { ciba } from './ciba.ts'
import { deviceCode } from './device-code.ts'
import { providerChain } from './provider-chain.ts'

const redirectUri = 'http://localhost:8000/auth/redirect'
const context: AuthContext = { runtime: systemRuntime(), principal: { id: 'ada', kind: 'user', roles: [] }, redirectUri }
const { ciba: phoneClient, terminal: terminalClient } = HEADLESS_CLIENTS
const chain = providerChain.create(providerChain.config.parse({ browser: 'code', terminal: 'device', nobody: 'phone' }), {
  name: 'sign_in',
})

/** How whoever is there decides: in the browser, on a device with the code, or on the phone. */
const decisions: Readonly<Record<Presence, Pick<ProviderBench, 'agree' | 'decide'>>> = {
  browser: { agree: inBrowser },
  terminal: { decide: onDevice },
  nobody: { decide: onPhone },
}
const presences = ['browser', 'terminal', 'nobody'] as const satisfies readonly Presence[]

let demo: DemoProvider
beforeAll(async () => {
  demo = await startDemoProvider({ port: 0, redirectUris: [redirectUri] })
})
afterAll(() => demo.stop())

describe.each(presences)('with "%s" there', (presence) => {
  providerContract(
    `what a chain chooses (${presence})`,
    async () => {
      const before = demo.tokenRequests()
      return {
        provider: chosen(presence),
        context,
        requirement: { provider: 'sign_in', ...whom(presence), scopes: ['openid', 'email', 'offline_access'] },
        secrets: [phoneClient.clientSecret],
        tokenRequests: () => demo.tokenRequests() - before,
        ...decisions[presence],
      }
    },
    { describe, test, expect },
  )
})

test.each(['terminal', 'nobody'] as const)('with "%s" there, what is chosen opens the API for whoever approved', async (presence) => {
  const provider = chosen(presence)
  const resource = `${demo.issuer}/api/reports`
  const requirement: AuthRequirement = { provider: 'sign_in', ...whom(presence), scopes: ['openid', 'read:reports'], resource }
  const step = await provider.begin(requirement, context)
  if (step.status !== 'waiting') throw new Error('it does not wait')
  await decisions[presence].decide?.(step.challenge, 'approve')
  const end = await provider.advance?.(requirement, step.state, { type: 'tick' }, context)
  if (end?.status !== 'granted') throw new Error(`not granted: ${JSON.stringify(end)}`)
  expect(end.credential.subject).toBe('ada-lovelace')
  expect((await fetch(await authoriseRequest(new Request(resource), end.credential, undefined))).status).toBe(200)
})

/** The entry that the chain names, as a workflow has it. */
function chosen(presence: Presence): AuthProvider {
  const { issuer } = demo
  const asked = { client_id: phoneClient.clientId, client_secret: phoneClient.clientSecret, issuer }
  const entries: Readonly<Record<string, () => AuthProvider>> = {
    code: () =>
      authorizationCode.create(authorizationCode.config.parse({ client_id: DEMO_CLIENTS.public.clientId, issuer }), { name: 'code' }),
    device: () => deviceCode.create(deviceCode.config.parse({ client_id: terminalClient.clientId, issuer }), { name: 'device' }),
    phone: () => ciba.create(ciba.config.parse(asked), { name: 'phone' }),
  }
  const name = chain.choose?.(presence) ?? ''
  const make = entries[name]
  if (make === undefined) throw new Error(`there is no entry "${name}"`)
  return make()
}

/** Where nobody is there, somebody has to be named. */
function whom(presence: Presence): Pick<AuthRequirement, 'loginHint'> {
  return presence === 'nobody' ? { loginHint: 'ada-lovelace' } : {}
}

async function inBrowser(authorizationUrl: string): Promise<URL> {
  const browser = new TestBrowser(demo.issuer)
  const consent = await browser.submit(await browser.visit(authorizationUrl), { login: 'Ada Lovelace' })
  return (await browser.submit(consent, { decision: 'allow' })).url
}

async function onDevice(challenge: Challenge, decision: 'approve' | 'deny'): Promise<void> {
  if (challenge.kind !== 'device_code') throw new Error('there is no code to type')
  const device = await TestDevice.of(demo.issuer, 'ada-lovelace')
  await (decision === 'approve' ? device.allow(challenge.userCode) : device.deny(challenge.userCode))
}

async function onPhone(_challenge: Challenge, decision: 'approve' | 'deny'): Promise<void> {
  const [newest] = await (await TestPhone.of(demo.issuer, 'ada-lovelace')).waiting()
  await (decision === 'approve' ? newest?.approve() : newest?.deny())
}
