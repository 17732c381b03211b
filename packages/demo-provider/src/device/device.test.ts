import * as oauth from 'oauth4webapi'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { HEADLESS_CLIENTS } from '../demo-clients.ts'
import { startDemoProvider } from '../start-demo-provider.ts'
import type { DemoProvider } from '../start-demo-provider.ts'
import { claimsOf } from '../testing/clients/claims-of.ts'
import { TestBrowser } from '../testing/test-browser.ts'
import { TestDevice } from '../testing/test-device.ts'
import { TestService } from '../testing/clients/test-service.ts'

let provider: DemoProvider
let reports: string
beforeAll(async () => {
  provider = await startDemoProvider({ port: 0, pollIntervalSeconds: 0.05 })
  reports = `${provider.issuer}/api/reports`
})
afterAll(() => provider.stop())
afterEach(() => {
  vi.useRealTimers()
})

const terminal = () => TestService.of(provider.issuer, HEADLESS_CLIENTS.terminal)

test('a person types the code of their terminal, sees what it wants, and it goes on', async () => {
  const client = await terminal()
  const started = await client.showCode({ scope: 'openid email read:reports unknown', resource: reports })
  expect(started).toMatchObject({
    verification_uri: `${provider.issuer}/device`,
    interval: 0.05,
    user_code: expect.stringMatching(/^\w{4}-\w{4}$/),
  })
  await expect(client.pollDevice(started.device_code)).rejects.toMatchObject({ error: 'authorization_pending' })
  const ada = await TestDevice.of(provider.issuer, 'Ada Lovelace')
  const question = await ada.enter(started.user_code.toLowerCase().replace('-', ' '))
  for (const words of [started.user_code, HEADLESS_CLIENTS.terminal.name, 'Read the reports', 'Only if you started this.'])
    expect(question.text).toContain(words)
  expect(question.text).not.toContain('unknown')
  expect((await ada.browser.submit(question, { decision: 'allow' })).text).toContain('Device allowed')
  const tokens = await client.pollDevice(started.device_code)
  expect(oauth.getValidatedIdTokenClaims(tokens)).toMatchObject({ sub: 'ada-lovelace', email: 'ada-lovelace@example.test' })
  expect(claimsOf(tokens.access_token)).toMatchObject({ aud: reports, scope: 'read:reports', sub: 'ada-lovelace' })
  await expect(client.pollDevice(started.device_code)).rejects.toMatchObject({ error: 'invalid_grant' })
})

test('a link with the code leads past the sign-in to the question, and decides nothing by itself', async () => {
  const client = await terminal()
  const started = await client.showCode({ scope: 'openid' })
  const browser = new TestBrowser(provider.issuer)
  const signIn = await browser.visit(started.verification_uri_complete ?? '')
  const question = await browser.submit(signIn, { login: 'Ada Lovelace' })
  expect(question.text).toContain('Allow this device?')
  await expect(client.pollDevice(started.device_code)).rejects.toMatchObject({ error: 'authorization_pending' })
})

test('a device that is denied hears so, and a code is decided once', async () => {
  const client = await terminal()
  const started = await client.showCode({ scope: 'openid' })
  const ada = await TestDevice.of(provider.issuer, 'Ada Lovelace')
  const question = await ada.enter(started.user_code)
  const answers = await Promise.all(['deny', 'deny', 'deny'].map((decision) => ada.browser.submit(question, { decision })))
  expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 409, 409])
  expect((await ada.browser.submit(question, { decision: 'allow' })).status).toBe(409)
  await expect(client.pollDevice(started.device_code)).rejects.toMatchObject({ error: 'access_denied' })
})

test('a form without the token of its session, or of another origin, decides nothing', async () => {
  const client = await terminal()
  const started = await client.showCode({ scope: 'openid' })
  const ada = await TestDevice.of(provider.issuer, 'Ada Lovelace')
  const question = await ada.enter(started.user_code)
  expect((await ada.browser.submit(question, { decision: 'allow', token: 'guessed' })).status).toBe(403)
  expect((await ada.browser.submit(question, { decision: 'allow' }, { 'sec-fetch-site': 'same-site' })).status).toBe(403)
  expect((await new TestBrowser(provider.issuer).submit(question, { decision: 'allow' })).status).toBe(403)
  await expect(client.pollDevice(started.device_code)).rejects.toMatchObject({ error: 'authorization_pending' })
})

test('a code that has expired is said to have, and cannot be allowed any more', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const client = await terminal()
  const started = await client.showCode({ scope: 'openid' })
  const ada = await TestDevice.of(provider.issuer, 'Ada Lovelace')
  const question = await ada.enter(started.user_code)
  vi.setSystemTime(Date.now() + 601_000)
  expect(await ada.browser.submit(question, { decision: 'allow' })).toMatchObject({
    status: 400,
    text: expect.stringContaining('has expired'),
  })
  await expect(client.pollDevice(started.device_code)).rejects.toMatchObject({ error: 'expired_token' })
})

test('nobody can guess on and on', async () => {
  const started = await (await terminal()).showCode({ scope: 'openid' })
  const ada = await TestDevice.of(provider.issuer, 'Ada Lovelace')
  for (let guess = 0; guess < 10; guess += 1) expect((await ada.enter('BBBB-BBBB')).status).toBe(400)
  expect(await ada.enter(started.user_code)).toMatchObject({ status: 429, text: expect.stringContaining('Too many wrong codes') })
})

test('what is typed comes back escaped or not at all', async () => {
  const ada = await TestDevice.of(provider.issuer, 'Ada Lovelace')
  for (const code of ['<script>alert(1)</script>', '"><img src=x>']) {
    expect((await ada.enter(code)).text).not.toMatch(/<script>|<img/)
    const link = await new TestBrowser(provider.issuer).visit(`/device?${new URLSearchParams({ user_code: code })}`)
    expect(link.text).not.toMatch(/<script>|<img/)
  }
})
