import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import type { AuthProvider } from '../auth/auth-provider.ts'
import { providerContract } from '../testing/provider-contract.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import { hostileContext } from './hostile-sign-in.ts'
import { httpBasic } from './http-basic.ts'

const password = 'correct-horse-3b'
const least = { username: 'robot', password, origins: ['https://api.example'] }

providerContract(
  'a user with a password',
  async () => ({
    provider: make(),
    context: hostileContext(virtualRuntime()),
    requirement: { provider: 'basic' },
    secrets: [password, btoa(`robot:${password}`)],
    tokenRequests: () => 0,
  }),
  { describe, test, expect },
)

test('user and password go together, and neither shows', async () => {
  const credential = await begin(make())
  expect(credential).toMatchObject({ tokenType: 'basic', host: 'api.example' })
  expect(credential.accessToken.reveal()).toBe('cm9ib3Q6Y29ycmVjdC1ob3JzZS0zYg==')
  expect(inspect([credential, httpBasic.config.parse(least)], { depth: 9, showHidden: true })).not.toContain(password)
})

test('other alphabets are sent as UTF-8 (RFC 7617 §2.1)', async () => {
  const credential = await begin(make({ username: 'test', password: '123£' }))
  expect(credential.accessToken.reveal()).toBe('dGVzdDoxMjPCow==')
})

test('a password may hold a colon, the user may not', async () => {
  const credential = await begin(make({ password: 'a:b' }))
  expect(atob(credential.accessToken.reveal())).toBe('robot:a:b')
  expect(wrongKeys({ username: 'ro:bot' })).toEqual(['username'])
})

test.each([
  ['username', 'ro\u0000bot'],
  ['username', ''],
  ['password', 'line\nbreak'],
])('a %s of %j is refused', (key, text) => {
  expect(wrongKeys({ [key]: text })).toEqual([key])
})

test('a password that may go nowhere is not handed out', async () => {
  await expect(begin(make({ origins: undefined }))).rejects.toMatchObject({ code: 'invalid_config' })
})

function make(entry: object = {}): AuthProvider {
  return httpBasic.create(httpBasic.config.parse({ ...least, ...entry }), { name: 'basic' })
}

function wrongKeys(entry: object): readonly unknown[] {
  return (httpBasic.config.safeParse({ ...least, ...entry }).error?.issues ?? []).map(({ path }) => path[0])
}

async function begin(provider: AuthProvider) {
  const step = await provider.begin({ provider: 'basic' }, hostileContext(virtualRuntime()))
  if (step.status !== 'granted') throw new Error(`not granted but ${step.status}`)
  return step.credential
}
