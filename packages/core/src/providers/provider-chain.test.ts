import { expect, test } from 'vitest'
import type { Presence } from '../protocol/principal.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import { hostileContext } from './hostile-sign-in.ts'
import { providerChain } from './provider-chain.ts'

const whole = { browser: 'code', terminal: 'device', nobody: 'phone' }

test.each<readonly [Presence, object, string]>([
  ['browser', whole, 'code'],
  ['terminal', whole, 'device'],
  ['nobody', whole, 'phone'],
  ['browser', { terminal: 'device', nobody: 'phone' }, 'phone'],
  ['browser', { terminal: 'device' }, 'device'],
  ['terminal', { browser: 'code', nobody: 'phone' }, 'phone'],
  ['terminal', { browser: 'code' }, 'code'],
])('with "%s" there, %j chooses "%s"', (presence, entry, chosen) => {
  expect(make(entry).choose?.(presence)).toBe(chosen)
})

test('what needs somebody in front of it never serves nobody', () => {
  const chain = make({ browser: 'code', terminal: 'device' })
  expect(() => chain.choose?.('nobody')).toThrow('auth provider "sign_in" has nobody to ask where no front is: give "nobody"')
})

test('a chain without entries is refused', () => {
  expect(providerChain.config.safeParse({}).error?.issues[0]?.message).toContain('at least one')
})

// The contract of auth providers is kept by what it chooses: provider-chain.demo.test.ts holds that to it.
test('a chain itself grants nothing', async () => {
  await expect(make(whole).begin({ provider: 'sign_in' }, hostileContext(virtualRuntime()))).rejects.toMatchObject({
    code: 'invalid_config',
  })
})

function make(entry: object) {
  return providerChain.create(providerChain.config.parse(entry), { name: 'sign_in' })
}
