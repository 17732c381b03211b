import type { Connection, Me, SessionView } from '@countersign/core/protocol'
import { expect, test } from 'vitest'
import { type AccountAction, type AccountChange, type AccountState, mustSignIn, reduceAccount, unknownAccount } from './account-state.ts'

const connection: Connection = { id: 'c1', provider: 'demo', host: 'login.example', scopes: [], connectedAt: 0, expiresAt: null }
const ada: Me = {
  principal: { id: 'ada', kind: 'user' },
  workflow: { name: 'demo', examples: [] },
  connections: [connection, { ...connection, id: 'c2' }],
}
const here: SessionView = { id: 's1', isCurrent: true, createdAt: 0, lastSeenAt: 0, browser: 'Chrome on Linux' }
const there: SessionView = { ...here, id: 's2', isCurrent: false }
const disconnect: AccountChange = { type: 'disconnect', connectionId: 'c1', host: 'login.example' }
const endThere: AccountChange = { type: 'end-session', sessionId: 's2' }

test('one change is under way at a time, and what became of it is told', () => {
  const begun = after(known, { type: 'begin', change: disconnect })
  expect(begun).toMatchObject({ pending: disconnect, outcome: null })
  const ended = after(begun, { type: 'end', outcome: { change: disconnect, result: 'unconfirmed' } })
  expect(ended).toMatchObject({ pending: null, outcome: { result: 'unconfirmed' } })
})

test.each(['done', 'unconfirmed', 'gone'] as const)('what was ended (%s) is not shown any more', (result) => {
  expect(after(known, { type: 'end', outcome: { change: disconnect, result } }).me?.connections.map(({ id }) => id)).toEqual(['c2'])
  expect(after(known, { type: 'end', outcome: { change: endThere, result } }).sessions).toEqual({ state: 'known', list: [here] })
})

test.each(['refused', 'unreachable'] as const)('what was not ended (%s) stays', (result) => {
  for (const change of [disconnect, endThere])
    expect(after(known, { type: 'end', outcome: { change, result } })).toMatchObject({ me: known.me, sessions: known.sessions })
})

test('a list that is known stays while it is asked for again, also in vain', () => {
  const looking = after(known, { type: 'look-for-sessions' })
  expect(looking.sessions).toEqual(known.sessions)
  expect(after(looking, { type: 'sessions-failed' }).sessions).toEqual(known.sessions)
  expect(after(unknownAccount, { type: 'look-for-sessions' }, { type: 'sessions-failed' }).sessions).toEqual({ state: 'failed' })
})

test('of another person nothing is kept', () => {
  const bob: Me = { ...ada, principal: { id: 'bob', kind: 'user' }, connections: [] }
  expect(after(known, { type: 'know', me: bob })).toEqual({ ...unknownAccount, me: bob })
  expect(after(known, { type: 'know', me: { ...ada, connections: [] } }).sessions).toEqual(known.sessions)
})

test.each([
  ['anonymous', true, true],
  ['anonymous', false, false],
  ['user', true, false],
] as const)('whether a principal of the kind "%s" must sign in where that is required: %s', (kind, required, expected) => {
  expect(mustSignIn({ ...ada, principal: { id: 'x', kind }, signIn: { host: 'id.example', required } })).toBe(expected)
})

const known: AccountState = after(unknownAccount, { type: 'know', me: ada }, { type: 'sessions-known', list: [here, there] })

function after(state: AccountState, ...actions: readonly AccountAction[]): AccountState {
  return actions.reduce(reduceAccount, state)
}
