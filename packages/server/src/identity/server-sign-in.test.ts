import { Connections, memoryStore, providerOf } from '@countersign/core'
import { authorizationCode } from '@countersign/core/providers'
import { hostileServer, idToken, paths, runDeps, scriptedModel, settled, tokenBody, virtualRuntime } from '@countersign/core/testing'
import { expect, test } from 'vitest'
import { Accounts } from './accounts.ts'
import { ServerSignIn } from './server-sign-in.ts'
import { SESSION_LIFETIME_MS, Sessions, type SessionVisitor } from './sessions.ts'

const ISSUER = 'https://login.example'
const HOME = 'http://localhost:8000/'

test('a person signs in: a new session in the place of the old one, and no token is kept', async () => {
  const { signIn, browser, agree, sessions, rows, server } = await open()
  const url = await agree(browser)
  const outcome = await signIn.finish(url, browser, 'Firefox on macOS')
  expect(outcome).toMatchObject({ outcome: 'signed_in', returnTo: `${HOME}?a=b` })
  const cookie = outcome?.outcome === 'signed_in' ? outcome.cookie : ''
  const user = { id: `user:${ISSUER}#ada`, kind: 'user', name: 'Ada Lovelace', roles: [] }
  expect(await sessions.find(cookie)).toMatchObject({ principal: user })
  expect(await sessions.listOf({ ...user, kind: 'user' })).toMatchObject([{ browser: 'Firefox on macOS' }])
  expect(await rows('credentials')).toEqual([])
  expect(server.count(paths.revocation)).toBe(0)
  expect((await rows('audits')).map(({ record }) => record)).toEqual([
    { type: 'sign-in', principal: user.id, session: expect.any(String), from: browser.principal.id, browser: 'Firefox on macOS' },
  ])
})

test('what must be known when the browser is back stands in the store sealed, and belongs to its session', async () => {
  const { browser, agree, rows, store, signIn, sessions } = await open()
  const url = await agree(browser)
  const [row] = await rows('sessions')
  if (!row) throw new Error('there is a session')
  expect(JSON.stringify(row)).not.toContain(url.searchParams.get('state'))
  expect(JSON.stringify(row)).not.toContain(HOME)
  const { visitor: mallory } = await sessions.open('Chrome on Linux')
  await store.transact('swap', async (transaction) => {
    await transaction.update('sessions', { id: browser.sessionId }, { signInDigest: null })
    const { sealedSignIn, signInDigest } = row
    await transaction.update('sessions', { id: mallory.sessionId }, { sealedSignIn, signInDigest })
  })
  expect(await signIn.finish(url, mallory, '')).toEqual({ outcome: 'ended' })
})

test('ten minutes at the authorization server are enough: a later return signs nobody in', async () => {
  const { signIn, browser, agree, runtime, server } = await open()
  const url = await agree(browser)
  await runtime.advance(10 * 60_000)
  expect(await signIn.finish(url, browser, '')).toEqual({ outcome: 'ended' })
  expect(server.count(paths.token)).toBe(0)
})

test('a second sign-in in the same browser replaces the first, whose return counts for nothing', async () => {
  const { signIn, browser, agree, server } = await open()
  const first = await agree(browser)
  const second = await agree(browser)
  expect(await signIn.finish(first, browser, '')).toBeUndefined()
  expect(server.count(paths.token)).toBe(0)
  expect(await signIn.finish(second, browser, '')).toMatchObject({ outcome: 'signed_in' })
})

test('a return counts once, also one that was a no, which is recorded', async () => {
  const { signIn, browser, agree, rows, server } = await open()
  const url = await agree(browser)
  const no = new URL(url)
  no.searchParams.delete('code')
  no.searchParams.set('error', 'access_denied')
  expect(await signIn.finish(no, browser, '')).toMatchObject({ outcome: 'failed', code: 'access_denied' })
  expect((await rows('audits')).map(({ record }) => record)).toMatchObject([
    { type: 'sign-in-failed', principal: browser.principal.id, session: browser.sessionId, code: 'access_denied' },
  ])
  expect(await signIn.finish(url, browser, '')).toBeUndefined()
  expect(server.count(paths.token)).toBe(0)
})

test('a browser that is signed out while it is at the authorization server comes back to nothing', async () => {
  const { signIn, browser, agree, accounts, server } = await open()
  const url = await agree(browser)
  await accounts.signOut(browser, false)
  expect(await signIn.finish(url, undefined, '')).toBeUndefined()
  expect(await signIn.leave(browser, HOME)).toEqual({ outcome: 'ended' })
  expect(server.count(paths.token)).toBe(0)
})

test('a session that ended by a clock that is ahead leaves for no sign-in', async () => {
  const { signIn, browser, accounts, store, runtime } = await open()
  await accounts.signOut(browser, false)
  await store.transact('ahead', (transaction) =>
    transaction.update('sessions', { id: browser.sessionId }, { expiresAt: runtime.now() + 5_000 }),
  )
  expect(await signIn.leave(browser, HOME)).toEqual({ outcome: 'ended' })
})

test('a browser that is signed out while its code is redeemed is not signed in', async () => {
  const { signIn, browser, agree, accounts, rows, server } = await open()
  const url = await agree(browser)
  const answer = server.script[paths.token]
  server.script[paths.token] = async (form, request) => {
    await accounts.signOut(browser, false)
    return answer?.(form, request) ?? Response.error()
  }
  expect(await signIn.finish(url, browser, '')).toEqual({ outcome: 'ended' })
  expect((await rows('sessions')).filter(({ principal }) => principal.kind === 'user')).toEqual([])
})

test.each([
  ['no ID token', { id_token: undefined }],
  ['an ID token for another client', { id_token: token({ aud: 'somebody-else' }) }],
  ['an ID token of another server', { id_token: token({ iss: 'https://mallory.example' }) }],
  ['an ID token of another sign-in', { id_token: token({ nonce: 'of-another' }) }],
  ['an ID token whose subject is no subject', { id_token: token({ sub: 'a\u0000b' }) }],
  ['an endless subject', { id_token: token({ sub: 'x'.repeat(256) }) }],
])('%s signs nobody in', async (_name, changes) => {
  const { signIn, browser, agree, rows } = await open()
  const url = await agree(browser, changes)
  expect(await signIn.finish(url, browser, '')).toMatchObject({ outcome: 'failed', code: 'upstream_failed' })
  expect((await rows('sessions')).map(({ principalId }) => principalId)).toEqual([browser.principal.id])
})

test.each([
  ['the name', { name: 'Ada', preferred_username: 'al', email: 'ada@example.org' }, 'Ada'],
  ['the user name, without a name', { preferred_username: 'al', email: 'ada@example.org' }, 'al'],
  ['the address, without either', { email: 'ada@example.org' }, 'ada@example.org'],
  ['nothing', {}, undefined],
  ['a name without what turns it round', { name: ' A\u202ed\na\u0000 ' }, 'A d a'],
  ['a short name', { name: 'x'.repeat(200) }, 'x'.repeat(80)],
  ['no name that is none', { name: { first: 'Ada' }, email: '' }, undefined],
])('a person is called by %s', async (_name, claims, called) => {
  const { signIn, browser, agree, rows } = await open()
  const url = await agree(browser, { id_token: token({ name: undefined, ...claims }) })
  await signIn.finish(url, browser, '')
  const user = (await rows('sessions')).find(({ principal }) => principal.kind === 'user')
  expect(user?.principal.name).toBe(called)
})

test('a sealed sign-in whose key is gone is over, and can be begun anew', async () => {
  const { signIn, browser, agree, store } = await open()
  const url = await agree(browser)
  await store.transact('lose', (transaction) => transaction.update('sessions', {}, { sealedSignIn: 'v1.gone.AAAA.AAAA' }))
  expect(await signIn.finish(url, browser, '')).toEqual({ outcome: 'ended' })
  expect(await signIn.finish(await agree(browser), browser, '')).toMatchObject({ outcome: 'signed_in' })
})

test('a user who signs in again in the same browser keeps what runs', async () => {
  const { signIn, browser, agree, rows, sessions, runs } = await open()
  const first = await signIn.finish(await agree(browser), browser, '')
  const user = await sessions.find(first?.outcome === 'signed_in' ? first.cookie : '')
  if (!user) throw new Error('somebody is signed in')
  await runs(user)
  const before = await rows('conversations')
  const again = await signIn.finish(await agree(user), user, '')
  const now = await sessions.find(again?.outcome === 'signed_in' ? again.cookie : '')
  expect(await rows('runs')).toMatchObject([{ state: 'waiting', sessionId: now?.sessionId, cancel: null }])
  expect(await rows('conversations')).toEqual(before)
})

test('a session that was not used for its lifetime ends with what it had, and leaves no row', async () => {
  const { browser, accounts, rows, runtime, runs } = await open()
  await runs(browser)
  await runtime.advance(SESSION_LIFETIME_MS - 1)
  await accounts.endUnused()
  expect(await rows('sessions')).toHaveLength(1)
  await runtime.advance(2 * 60_000)
  await accounts.endUnused()
  await settled()
  expect((await rows('interactions')).map(({ state }) => state)).toEqual(['cancelled'])
  await runtime.advance(2 * 60_000)
  await accounts.endUnused()
  expect(await rows('sessions')).toEqual([])
})

/** An ID token as it should be but for some claims; `NONCE` stands for that of the sign-in. */
function token(claims: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return { iss: ISSUER, aud: 'client', sub: 'ada', name: 'Ada Lovelace', nonce: 'NONCE', ...claims }
}

async function open() {
  const server = hostileServer(ISSUER)
  const runtime = virtualRuntime({ fetch: (input, init) => server.answer(new Request(input, init)) })
  const store = memoryStore(runtime)
  const config = authorizationCode.config.parse({ client_id: 'client', issuer: ISSUER, scopes: ['openid', 'profile', 'email'] })
  const provider = authorizationCode.create(config, { name: 'idp' })
  const running = runDeps({ model: scriptedModel([['Hello.']]), providers: new Map([['idp', provider]]) }, { runtime, store, owner: 'a' })
  const sessions = new Sessions({ store, runtime, keys: () => [{ id: 'k1', bytes: new Uint8Array(32).fill(1) }] })
  const connections = new Connections({ ...running, provider: (name) => providerOf(new Map([['idp', provider]]), name) })
  const accounts = new Accounts({ sessions, connections, runs: running })
  const { redirectUri, sealer } = running
  const signIn = new ServerSignIn({ store, runtime, sealer, accounts, provider, name: 'idp', redirectUri, isRequired: false })
  const { visitor: browser } = await sessions.open('Chrome on Linux')
  const rows = <T extends 'sessions' | 'credentials' | 'audits' | 'runs' | 'conversations' | 'interactions'>(table: T) =>
    store.transact('rows', (transaction) => transaction.find(table, {}))
  /** Leaves for the authorization server and agrees there. @returns where the browser is sent back to */
  const agree = async (visitor: SessionVisitor, changes: Readonly<Record<string, unknown>> = {}): Promise<URL> => {
    const left = await signIn.leave(visitor, `${HOME}?a=b`)
    if (left.outcome !== 'redirect') throw new Error(`the browser did not leave: ${left.outcome}`)
    const sent = new URL(left.url).searchParams
    const { id_token: claims = 'id_token' in changes ? undefined : token(), ...rest } = changes
    server.script[paths.token] = () => {
      const now = Math.floor(Date.now() / 1000)
      const named = JSON.parse(JSON.stringify(claims ?? null).replace('NONCE', sent.get('nonce') ?? '')) as object | null
      const signed = named && { id_token: idToken({ iat: now, exp: now + 300, ...named }) }
      return Response.json(tokenBody({ scope: 'openid profile email', ...rest, ...signed }))
    }
    const url = new URL(redirectUri)
    url.search = new URLSearchParams({ code: 'the-code', state: sent.get('state') ?? '', iss: ISSUER }).toString()
    return url
  }
  /** A run of the visitor's that waits for an answer. */
  const runs = (visitor: SessionVisitor): Promise<void> =>
    store.transact('waiting', async (transaction) => {
      const conversation = { id: 'c1', principalId: visitor.principal.id, sessionId: null, seq: 0, messageCount: 0 }
      await transaction.insert('conversations', {
        ...conversation,
        auditNumber: 0,
        auditHead: '',
        auditOpen: 0,
        auditSigned: 0,
        createdAt: 0,
        eventCount: 0,
        keptFrom: 1,
        thinnedTo: 0,
      })
      const held = { owner: null, fence: 1, lease: 0, wake: 0, cancel: null, turn: 1, toolDigests: {}, createdAt: 0, endedAt: null }
      const run = {
        id: 'r1',
        conversationId: 'c1',
        messageId: 'm1',
        text: 'Hi',
        active: 'c1',
        workflow: 'test',
        presence: 'browser' as const,
        ...held,
      }
      await transaction.insert('runs', { ...run, principal: visitor.principal, sessionId: visitor.sessionId, state: 'waiting' })
      const asked = { question: { kind: 'text', text: 'Well?' }, place: 'ask:1', digest: 'd', callId: 'call' } as const
      const settledNow = { response: null, problem: null, again: null, settledAt: null, settledBy: null, receipt: null }
      const times = { createdAt: 0, expiresAt: Number.MAX_SAFE_INTEGER }
      const mine = { principalId: visitor.principal.id, sessionId: null, state: 'pending' } as const
      await transaction.insert('interactions', { id: 'i1', conversationId: 'c1', runId: 'r1', ...asked, ...settledNow, ...times, ...mine })
    })
  return { server, runtime, store, sessions, accounts, signIn, browser, rows, agree, runs }
}
