import { describe, expect, test } from 'vitest'
import { bindingMessageProblem } from './ciba-binding-message.ts'
import { cibaConfig } from './ciba-config.ts'

const issuer = 'https://login.example'
const entry = { client_id: 'client', client_secret: 'secret', issuer }

describe('a configuration', () => {
  test.each<readonly [string, object, readonly [key: string, message: string]]>([
    ['of a client that can prove nothing', { client_secret: undefined }, ['client_secret', 'only a client with a secret or a key']],
    ['without a server', { issuer: undefined }, ['issuer', 'give "issuer", or both']],
    ['with half of the addresses', { issuer: undefined, token_url: `${issuer}/token` }, ['issuer', 'give "issuer", or both']],
    ['with two ways to say whom', { id_token_hint_from: 'work', login_hint_format: 'iss_sub' }, ['id_token_hint_from', 'give one of them']],
    ['with an issuer for no hint', { hint_issuer: issuer }, ['hint_issuer', 'only with login_hint_format']],
    ['with a pattern that is none', { binding_message: { pattern: '(' } }, ['binding_message', '']],
    ['with a preset that nobody knows', { binding_message: 'auth1' }, ['binding_message', 'must be default, auth0 or keycloak']],
    ['with two values in one', { acr_values: ['low high'] }, ['acr_values', 'without spaces']],
    ['that asks for no time', { requested_expiry_seconds: 0 }, ['requested_expiry_seconds', '']],
    ['with push', { delivery_mode: 'push' }, ['delivery_mode', '']],
  ])('%s is refused', (_name, change, [key, message]) => {
    const { error } = cibaConfig.safeParse({ ...entry, ...change })
    expect(error?.issues.map(({ path, message: said }) => [path[0], said])).toContainEqual([key, expect.stringContaining(message)])
  })

  test('asks by polling, of whomever the tool names, and shows 64 plain characters', () => {
    expect(cibaConfig.parse(entry)).toMatchObject({
      delivery_mode: 'poll',
      login_hint_format: 'plain',
      binding_message: { required: false, max_length: 64 },
    })
  })
})

describe('a binding message', () => {
  test.each<readonly [string, unknown, string | undefined]>([
    ['of 64 plain characters', 'default', `Transfer 100 EUR? ${'x'.repeat(46)}`],
    ['that nobody needs', 'default', undefined],
    ['for Auth0', 'auth0', 'HR-K7:XQ,1.#+_'],
    ['for Keycloak', 'keycloak', 'K7/XQ?!'],
    ['by a rule of its own', { max_length: 3, pattern: '[A-Z]+' }, 'ABC'],
    ['whose characters are counted as people do', { max_length: 2, pattern: '.*' }, '👍👍'],
  ])('%s is shown', (_name, binding_message, message) => {
    expect(bindingMessageProblem(message, cibaConfig.parse({ ...entry, binding_message }).binding_message)).toBeUndefined()
  })

  const unmatched = 'may hold only what matches'
  test.each<readonly [string, { rule: unknown; message?: string; problem: string }]>([
    ['of 65 characters', { rule: 'default', message: 'x'.repeat(65), problem: '64 characters at most, and this one has 65' }],
    ['on two lines', { rule: 'default', message: 'pay\nnothing', problem: unmatched }],
    ['that is empty', { rule: 'default', message: '', problem: unmatched }],
    ['that Auth0 misses', { rule: 'auth0', problem: 'the tool gives none' }],
    ['with a space for Auth0', { rule: 'auth0', message: 'two words', problem: unmatched }],
    ['that Keycloak has no room for', { rule: 'keycloak', message: 'x'.repeat(51), problem: '50 characters at most' }],
    ['too long for a rule of its own', { rule: { max_length: 3 }, message: 'ABCD', problem: '3 characters at most' }],
    ['that matches a rule only in part', { rule: { pattern: '[A-Z]+|ok' }, message: 'okay', problem: unmatched }],
    ['that reads backwards, whatever the rule', { rule: { pattern: '.*' }, message: 'pay \u202eyob', problem: 'nobody can see' }],
    ['that hides a character, whatever the rule', { rule: { pattern: '.*' }, message: 'pay\u200b', problem: 'nobody can see' }],
  ])('%s is not sent', (_name, { rule, message, problem }) => {
    expect(bindingMessageProblem(message, cibaConfig.parse({ ...entry, binding_message: rule }).binding_message)).toContain(problem)
  })
})
