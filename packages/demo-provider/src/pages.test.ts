import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDemoProvider } from './start-demo-provider.ts'
import type { DemoProvider } from './start-demo-provider.ts'
import { TestBrowser } from './testing/test-browser.ts'
import { REDIRECT_URI, TestClient } from './testing/clients/test-client.ts'

let provider: DemoProvider
beforeAll(async () => {
  provider = await startDemoProvider({ port: 0 })
})
afterAll(() => provider.stop())

test.each([
  'http://localhost:8000/auth/redirect/',
  'http://localhost:8000/auth/redirect?x=1',
  'http://localhost:8001/auth/redirect',
  'http://127.0.0.1:8000/auth/redirect',
  'http://localhost:8000/auth/Redirect',
  'https://evil.test/auth/redirect',
  undefined,
])('a request with redirect_uri %s ends on a page here', async (redirectUri) => {
  const landing = await (await TestClient.of(provider.issuer)).authorize({ redirect_uri: redirectUri })
  expect(landing.status).toBe(400)
  expect(landing.url.origin).toBe(provider.issuer)
  expect(landing.text).toContain('<h1>')
})

test('an unregistered redirect URI is named as the reason', async () => {
  const landing = await (await TestClient.of(provider.issuer)).authorize({ redirect_uri: `${REDIRECT_URI}/` })
  expect(landing.text).toContain('<h1>This address is not registered</h1>')
})

test('what a stranger puts into the address comes back escaped', async () => {
  const client = await TestClient.of(provider.issuer)
  const landing = await client.authorize({ client_id: '<script>alert(1)</script>', response_type: '<img src=x>' })
  expect(landing.status).toBe(400)
  expect(landing.text).not.toMatch(/<script|<img/)
})

test('a hint is put into the field, escaped', async () => {
  const landing = await (await TestClient.of(provider.issuer)).authorize({ login_hint: '"><b>Ada' })
  expect(landing.text).toContain('value="&#34;&#62;&#60;b&#62;Ada"')
})

test('a name that is only spaces is asked for again', async () => {
  const client = await TestClient.of(provider.issuer)
  const again = await client.browser.submit(await client.authorize(), { login: '   ' })
  expect(again).toMatchObject({ status: 400, text: expect.stringContaining('role="alert"') })
  expect((await client.browser.submit(again, { login: 'Ada' })).text).toContain('<h1>Allow access?</h1>')
})

test('only the word allow counts as consent', async () => {
  const client = await TestClient.of(provider.issuer)
  const consent = await client.browser.submit(await client.authorize(), { login: 'Ada' })
  for (const fields of [{}, { decision: 'yes' }, { login: 'Bob' }]) {
    expect(await client.browser.submit(consent, fields)).toMatchObject({ status: 400, text: expect.stringContaining('Allow access?') })
  }
})

test('the consent page names the app, the person and each scope in words', async () => {
  const client = await TestClient.of(provider.issuer)
  const { text } = await client.browser.submit(await client.authorize(), { login: 'Ada <i>' })
  for (const words of [
    'Countersign demo (public client)',
    'Ada &#60;i&#62;',
    'See your name',
    'See your email address',
    'while you are away',
  ])
    expect(text).toContain(words)
  expect(text).toMatch(
    /<button type="submit" name="decision" value="allow">Allow<\/button>\s*<button type="submit" name="decision" value="deny">Deny<\/button>/,
  )
})

test('a form sent by a page of another origin is refused', async () => {
  const client = await TestClient.of(provider.issuer)
  const consent = await client.browser.submit(await client.authorize(), { login: 'Ada' })
  for (const site of ['cross-site', 'same-site', 'none']) {
    expect((await client.browser.submit(consent, { decision: 'allow' }, { 'sec-fetch-site': site })).status).toBe(403)
  }
  const home = await client.browser.visit('/')
  expect((await client.browser.submit(home, { token: 'guessed' })).status).toBe(403)
  expect((await client.browser.visit('/')).text).toContain('Signed in here as <strong>Ada</strong>')
})

test('a sign-in cannot be seen or answered from another browser', async () => {
  const client = await TestClient.of(provider.issuer)
  const page = await client.authorize()
  const stranger = new TestBrowser(provider.issuer)
  expect(await stranger.visit(page.url)).toMatchObject({ status: 400, text: expect.stringContaining('This sign-in is over') })
  expect((await stranger.submit(page, { login: 'Mallory' })).status).toBe(400)
})

test('an overlong form is refused', async () => {
  const client = await TestClient.of(provider.issuer)
  expect((await client.browser.submit(await client.authorize(), { login: 'a'.repeat(100_000) })).status).toBe(403)
})

test('every page is sent with the strict headers', async () => {
  const client = await TestClient.of(provider.issuer)
  const signIn = await client.authorize()
  const consent = await client.browser.submit(signIn, { login: 'Ada' })
  for (const page of [
    signIn,
    consent,
    await client.browser.visit('/'),
    await client.browser.visit('/nowhere'),
    await client.authorize({ redirect_uri: 'http://x.test/' }),
  ]) {
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'self'; form-action 'self'( http:\/\/localhost:8000)?; base-uri 'none'; frame-ancestors 'none'$/,
    )
    expect(Object.fromEntries(page.headers)).toMatchObject({
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': expect.stringContaining('no-store'),
    })
    expect(page.text).not.toMatch(/<script|style=| on\w+=/)
    expect(page.text).toMatch(/^<!doctype html>\s*<html lang="en">/)
  }
})

test('an unknown path is a page with status 404', async () => {
  expect(await new TestBrowser(provider.issuer).visit('/nowhere')).toMatchObject({
    status: 404,
    text: expect.stringContaining('There is no such page'),
  })
})

test('the health check and the style sheet answer', async () => {
  expect(await (await fetch(`${provider.url}/health`)).json()).toEqual({ status: 'healthy' })
  expect((await fetch(`${provider.url}/style.css`)).headers.get('content-type')).toBe('text/css; charset=utf-8')
})
