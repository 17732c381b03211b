import { expect, test } from 'vitest'
import { generalSchema } from './general-schema.ts'

const ui = 'http://localhost:3000'
const needsUi = 'cors.allow_origins lists no origin that may use it: add the address of NAT\'s UI, such as "http://localhost:3000"'
const needsHost = (host: string): string =>
  `nat_session needs NAT's UI under the host name of this server, "${host}": its cookie reaches no other host, and no sign-in could be opened`
const forbidden = "sign_in.required forbids it: nobody can sign in to this server behind NAT's UI; remove one of the two"

/** What is said about a front end with `nat_session`, by key. */
function said(frontEnd: object): readonly (readonly [string, string])[] {
  const parsed = generalSchema.safeParse({ front_end: { nat_session: true, ...frontEnd } })
  return (parsed.error?.issues ?? []).map(({ path, message }) => [path.join('.'), message])
}

test.each([
  ['no listed origin', {}, [['front_end.nat_session', needsUi]]],
  ['no list', { cors: { allow_origins: null } }, [['front_end.nat_session', needsUi]]],
  [
    'only origins of other hosts',
    { cors: { allow_origins: ['http://127.0.0.1:3000'] } },
    [['front_end.cors.allow_origins', needsHost('localhost')]],
  ],
  [
    'only origins of other hosts than its public address',
    { public_url: 'https://agents.example/', cors: { allow_origins: [ui] } },
    [['front_end.cors.allow_origins', needsHost('agents.example')]],
  ],
  [
    'a sign-in that everybody needs',
    { cors: { allow_origins: [ui] }, sign_in: { provider: 'p', required: true } },
    [['front_end.nat_session', forbidden]],
  ],
])('nat_session with %s is refused, and the words say what to do', (_what, frontEnd, problems) => {
  expect(said(frontEnd)).toEqual(problems)
})

test.each([
  ['one UI beside it', { cors: { allow_origins: [ui] } }],
  ['a UI among others', { cors: { allow_origins: ['https://other.example', ui] } }],
  ['all addresses of the machine', { host: '0.0.0.0', cors: { allow_origins: [ui] } }],
  [
    'a public address that its UI shares',
    { public_url: 'https://agents.example', cors: { allow_origins: ['https://agents.example:3000'] } },
  ],
  ['a sign-in for those who want it', { cors: { allow_origins: [ui] }, sign_in: { provider: 'p' } }],
])('nat_session with %s is taken', (_what, frontEnd) => {
  expect(said(frontEnd)).toEqual([])
})

test('without nat_session nothing is asked of the listed origins', () => {
  expect(generalSchema.parse({}).front_end.nat_session).toBe(false)
  expect(generalSchema.safeParse({ front_end: { cors: { allow_origins: ['http://127.0.0.1:3000'] } } }).success).toBe(true)
})
