import { expect, test } from 'vitest'
import type { RunRow } from '../store/rows.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import type { AuthProvider } from './auth-provider.ts'
import type { AuthRequirement } from './auth-requirement.ts'
import { vaultKey } from './vault-entry.ts'

const runtime = virtualRuntime()

test("a service's credential is one for all people and conversations, and for each set of scopes and each API another", () => {
  const own = (differs: Parameters<typeof keyOf>[0] = {}): string => keyOf({ provider: { reuse: 'service' }, ...differs })
  expect(own({ principal: 'grace', conversation: 'another', call: 'another' })).toBe(own())
  const others = [
    own(),
    own({ requirement: { scopes: ['read', 'write'] } }),
    own({ requirement: { resource: 'https://api.example/' } }),
    own({ requirement: { authorizationDetails: [{ type: 'pay' }] } }),
    own({ provider: { reuse: 'service', clientId: 'another' } }),
    own({ provider: { reuse: 'service', resources: ['https://staff.example/'] } }),
    keyOf(),
  ]
  expect(new Set(others).size).toBe(others.length)
})

test("a person's credential is theirs alone, whatever a requirement claims", () => {
  const claimed = { requirement: { reuse: 'service' as 'principal' } }
  expect(keyOf({ ...claimed, principal: 'grace' })).not.toBe(keyOf({ ...claimed, principal: 'ada' }))
})

test('a credential for the API that the configuration names is not one for another', () => {
  const [first, second] = [['https://a.example/'], ['https://b.example/']].map((resources) => keyOf({ provider: { resources } }))
  expect(first).not.toBe(second)
  const named = { requirement: { resource: 'https://a.example/' } }
  expect(keyOf({ ...named, provider: { resources: ['https://b.example/'] } })).toBe(keyOf(named))
})

/** The key of one call's credential, with what differs from the usual. */
function keyOf(
  differs: {
    readonly principal?: string
    readonly conversation?: string
    readonly call?: string
    readonly provider?: Partial<AuthProvider>
    readonly requirement?: Partial<AuthRequirement>
  } = {},
): string {
  const { principal = 'ada', conversation = 'conversation', call = 'call' } = differs
  const provider: AuthProvider = {
    type: 'test',
    notifies: false,
    reuse: 'principal',
    host: 'login.example',
    clientId: 'client',
    scopesOf: ({ scopes = [] }) => scopes,
    begin: async () => ({ status: 'refused', code: 'access_denied' }),
    ...differs.provider,
  }
  // Of a run, all that a key is made of.
  const run = { id: 'run', conversationId: conversation, principal: { id: principal, kind: 'user', roles: [] } } as unknown as RunRow
  return vaultKey(runtime, { provider, requirement: { provider: 'test', ...differs.requirement }, run, callId: call })
}
