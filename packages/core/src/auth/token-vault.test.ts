import { expect, test } from 'vitest'
import { type Answer, idToken, issued, paths, silence, tokenBody } from '../providers/hostile-server.ts'
import { hostileClient, hostileContext, hostileProvider } from '../providers/hostile-sign-in.ts'
import { Secret } from '../runtime/secret.ts'
import { doorTo } from '../testing/faulty-store.ts'
import { gate } from '../testing/gate.ts'
import { type Mortal, mortal } from '../testing/mortal.ts'
import { type SignInProcess, signInWorld } from '../testing/sign-in-world.ts'
import { settled } from '../testing/virtual-runtime.ts'
import type { AuthProvider } from './auth-provider.ts'
import type { Credential } from './credential.ts'
import type { VaultAnswer, VaultRequest } from './token-vault.ts'
import { openCredential, sealCredential } from './vault-entry.ts'

const key = 'key-of-ada'
const place = { key, principalId: 'ada', provider: 'hostile' }
/** After `vault-read` and `refresh-take`. */
const diesOfTheAnswer = { point: 2, side: 'after' } as const

test('a credential that is still valid is handed out, and nobody is asked', async () => {
  const { a, ask, server } = await vaults({ expiresIn: 10_001 })
  expect(tokenOf(await ask(a))).toBe('old-access')
  expect(server.requests).toEqual([])
})

test('a credential without an end is handed out', async () => {
  const { a, ask } = await vaults({ expiresIn: null })
  expect(tokenOf(await ask(a))).toBe('old-access')
})

test('a credential ten seconds before its end is refreshed, and what came is stored', async () => {
  const { a, ask, server, stored } = await vaults({ expiresIn: 10_000 })
  expect(tokenOf(await ask(a))).toBe(issued.accessToken)
  expect((await stored())?.refreshToken?.reveal()).toBe(issued.refreshToken)
  expect(tokenOf(await ask(a))).toBe(issued.accessToken)
  expect(server.count(paths.token)).toBe(1)
})

test('the old refresh token is kept when the answer brings none', async () => {
  const { a, ask, server, stored } = await vaults()
  server.script[paths.token] = () => Response.json(tokenBody({ refresh_token: undefined }))
  expect(tokenOf(await ask(a))).toBe(issued.accessToken)
  expect((await stored())?.refreshToken?.reveal()).toBe('old-refresh')
})

test('a token that the API refused counts as expired; one that came meanwhile does not', async () => {
  const { a, ask, server } = await vaults({ expiresIn: 300_000 })
  const rejected = new Secret('old-access')
  expect(tokenOf(await ask(a, { rejected }))).toBe(issued.accessToken)
  expect(tokenOf(await ask(a, { rejected }))).toBe(issued.accessToken)
  expect(server.count(paths.token)).toBe(1)
})

test('an expired credential that cannot be refreshed is gone, and the reason is told', async () => {
  const { a, ask, server, stored } = await vaults({ isRefreshable: false })
  expect(await ask(a)).toEqual({ missing: 'expired_token' })
  expect(await stored()).toBeUndefined()
  expect(server.requests).toEqual([])
})

test('50 callers at once make one token request and get the same token', async () => {
  const { a, ask, server } = await vaults()
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(a)))
  expect(new Set(answers.map(tokenOf))).toEqual(new Set([issued.accessToken]))
  expect(server.count(paths.token)).toBe(1)
})

test('50 callers in two processes make one token request, when both have seen the old token before either asked', async () => {
  const { world, server, a, ask, passing } = await vaults()
  const arrival = server.arrival(paths.token)
  // The second process is held at its own take until the first one's request is on its way.
  const b = world.spawn('b', {
    door: (store) => doorTo(store, async (name, commit) => (name === 'refresh-take' ? arrival.then(commit) : commit())),
  })
  const late = Array.from({ length: 25 }, () => ask(b))
  const answers = await Promise.all(Array.from({ length: 25 }, () => ask(a)))
  answers.push(...(await passing(Promise.all(late))))
  expect(new Set(answers.map(tokenOf))).toEqual(new Set([issued.accessToken]))
  expect(server.count(paths.token)).toBe(1)
})

test('a process that comes while another one refreshes waits for its result', async () => {
  const { server, a, b, ask, passing } = await vaults()
  const answer = gate()
  server.script[paths.token] = async () => (await answer.opened, Response.json(tokenBody()))
  const arrival = server.arrival(paths.token)
  const first = ask(a)
  await arrival
  const second = ask(b)
  answer.open()
  expect(tokenOf(await first)).toBe(issued.accessToken)
  expect(tokenOf(await passing(second))).toBe(issued.accessToken)
  expect(server.count(paths.token)).toBe(1)
})

test('a caller that gives up does not end the refresh for the others, and its outcome is kept', async () => {
  const { server, a, ask, stored, runtime } = await vaults()
  const answer = gate()
  server.script[paths.token] = async () => (await answer.opened, Response.json(tokenBody()))
  const controller = new AbortController()
  const arrival = server.arrival(paths.token)
  const impatient = ask(a, { context: hostileContext(runtime, controller.signal) })
  const patient = ask(a)
  await arrival
  controller.abort(new Error('stopped'))
  await expect(impatient).rejects.toThrow('stopped')
  answer.open()
  expect(tokenOf(await patient)).toBe(issued.accessToken)
  expect((await stored())?.refreshToken?.reveal()).toBe(issued.refreshToken)
})

test('a caller that has already given up starts nothing', async () => {
  const { server, a, ask, stored, runtime } = await vaults()
  await expect(ask(a, { context: hostileContext(runtime, AbortSignal.abort(new Error('stopped'))) })).rejects.toThrow('stopped')
  expect(server.requests).toEqual([])
  expect(await stored()).toBeDefined()
})

test('a grant that is gone takes the credential with it, and is told once', async () => {
  const { a, ask, server, stored, outcomes } = await vaults()
  server.script[paths.token] = () => Response.json({ error: 'invalid_grant' }, { status: 400 })
  expect(await ask(a)).toEqual({ missing: 'invalid_grant' })
  expect(await stored()).toBeUndefined()
  expect(await ask(a)).toEqual({ missing: 'none' })
  expect(server.count(paths.token)).toBe(1)
  expect(await outcomes()).toEqual(['invalid_grant'])
})

const now = Math.floor(Date.now() / 1000)
const unclear: Readonly<Record<string, Answer>> = {
  'answers 500': () => new Response('trace', { status: 500 }),
  'answers 503 with invalid_grant': () => Response.json({ error: 'invalid_grant' }, { status: 503 }),
  'answers HTML': () => new Response('<html></html>', { headers: { 'content-type': 'text/html' } }),
  'breaks the connection': () => Promise.reject(new TypeError('fetch failed')),
  'sends no token': () => Response.json({ token_type: 'bearer' }),
  'sends a token of another type': () => Response.json(tokenBody({ token_type: 'mac' })),
  'answers for another person': () =>
    Response.json(
      tokenBody({
        id_token: idToken({ iss: 'https://login.example', aud: hostileClient.id, sub: 'mallory', iat: now, exp: now + 60 }),
      }),
    ),
}

test.each(Object.entries(unclear))(
  'a token endpoint that %s: the outcome is unknown, so the refresh token is never sent again',
  async (_name, answer) => {
    const { a, b, ask, server, stored, outcomes } = await vaults()
    server.script[paths.token] = answer
    expect(await ask(a)).toEqual({ missing: 'outcome_unknown' })
    expect(await stored()).toBeUndefined()
    expect([await ask(a), await ask(b)]).toEqual([{ missing: 'none' }, { missing: 'none' }])
    expect(server.count(paths.token)).toBe(1)
    expect(await outcomes()).toEqual(['outcome_unknown'])
  },
)

test('a token endpoint that is silent for 8 s: the outcome is unknown', async () => {
  const { a, ask, server, stored, runtime } = await vaults()
  server.script[paths.token] = silence
  const arrival = server.arrival(paths.token)
  const answer = ask(a)
  await arrival
  await runtime.advance(8000)
  expect(await answer).toEqual({ missing: 'outcome_unknown' })
  expect(await stored()).toBeUndefined()
})

test('a process that dies between taking the refresh token and the result: the other one waits for its deadline, then drops the credential', async () => {
  const first = mortal(paths.token, diesOfTheAnswer)
  const { world, a, b, ask, server, stored, outcomes, passing } = await vaults(first)
  void ask(a)
  await first.death
  const takenAt = world.runtime.now()
  const answer = ask(b)
  expect(await passing(answer)).toEqual({ missing: 'outcome_unknown' })
  expect(world.runtime.now() - takenAt).toBeGreaterThan(20_000)
  expect(await stored()).toBeUndefined()
  expect(server.count(paths.token)).toBe(1)
  expect(await outcomes()).toEqual(['outcome_unknown'])
})

test('after a restart of the only process, nobody waits for the refresh of the one before', async () => {
  const first = mortal(paths.token, diesOfTheAnswer)
  const { world, a, b, ask, server } = await vaults(first)
  void ask(a)
  await first.death
  await b.runs.releaseAll()
  const before = world.runtime.now()
  expect(await ask(b)).toEqual({ missing: 'outcome_unknown' })
  expect(world.runtime.now()).toBe(before)
  expect(server.count(paths.token)).toBe(1)
})

test.each<readonly [string, Answer]>([
  ['succeeded', () => Response.json(tokenBody({ access_token: 'too-late' }))],
  ['failed', () => Response.json({ error: 'invalid_grant' }, { status: 400 })],
])(
  'a refresh that %s after it was overtaken writes nothing, though the version of the newer credential is the same',
  async (_name, answer) => {
    const { world, a, b, ask, server, put, stored, passing } = await vaults()
    const { provider, answered, goOn } = standingStill(hostileProvider({ server }))
    server.script[paths.token] = answer
    void ask(a, { provider })
    await answered
    expect(await passing(ask(b))).toEqual({ missing: 'outcome_unknown' })
    await put('newer-access', 'newer-refresh')
    server.script[paths.token] = silence
    const newer = server.arrival(paths.token)
    void ask(b)
    await newer
    goOn()
    await settled()
    expect((await stored())?.accessToken.reveal()).toBe('newer-access')
    expect(await world.rows('credentials')).toMatchObject([{ version: 2, refreshUntil: expect.any(Number) }])
  },
)

test('a database that fails after the refresh is an error, and the refresh token is still not sent again', async () => {
  const { world, ask, b, server } = await vaults()
  const failing = world.spawn('c', {
    door: (store) => doorTo(store, async (name, commit) => (name === 'refresh-put' ? (await store.close(), commit()) : commit())),
  })
  await expect(ask(failing)).rejects.toMatchObject({ code: 'storage_unavailable' })
  await expect(ask(b)).rejects.toMatchObject({ code: 'storage_unavailable' })
  expect(server.count(paths.token)).toBe(1)
})

test('a sealed credential that was moved to another person does not open', async () => {
  const { world, a, ask } = await vaults({ expiresIn: 300_000 })
  await world.store.transact('swap', (transaction) => transaction.update('credentials', { key }, { principalId: 'mallory' }))
  expect(await ask(a)).toEqual({ missing: 'invalid_seal' })
})

test('a sealed credential that was moved to another key does not open', async () => {
  const { world, a, ask } = await vaults({ expiresIn: 300_000 })
  const copies = (await world.rows('credentials')).map((row) => ({ ...row, key: 'key-of-mallory' }))
  await world.store.transact('swap', (transaction) => transaction.insert('credentials', ...copies))
  expect(await ask(a, { key: 'key-of-mallory' })).toEqual({ missing: 'invalid_seal' })
})

/** Two processes with one credential in their store; the first one may be mortal. */
async function vaults(parts: { expiresIn?: number | null; isRefreshable?: boolean } & Partial<Mortal> = {}) {
  const { expiresIn = 0, isRefreshable = true, door, network } = parts
  const world = signInWorld()
  const { runtime, store, server } = world
  const a = world.spawn('a', { ...(door && { door }), ...(network && { network }) })
  const b = world.spawn('b')
  const { sealer } = a.deps
  const expiresAt = expiresIn === null ? null : runtime.now() + expiresIn
  const put = async (access: string, refresh: string | undefined): Promise<void> => {
    const refreshToken = refresh === undefined ? {} : { refreshToken: new Secret(refresh) }
    const accessToken = new Secret(access)
    const credential: Credential = { tokenType: 'bearer', accessToken, ...refreshToken, scopes: ['read'], expiresAt, subject: 'ada' }
    const row = await sealCredential(sealer, place, { credential, now: runtime.now() })
    await store.transact('put', (transaction) => a.vault.put(transaction, row))
  }
  await put('old-access', isRefreshable ? 'old-refresh' : undefined)
  return {
    world,
    a,
    b,
    put,
    server,
    runtime,
    ask: (process: SignInProcess, differs: Partial<VaultRequest> = {}) =>
      process.vault.fresh({ key, provider: hostileProvider({ server }), context: hostileContext(process.deps.runtime), ...differs }),
    stored: async () => {
      const [row] = await world.rows('credentials')
      return row && openCredential(sealer, row)
    },
    outcomes: async () => (await world.rows('audits')).map(({ record }) => record['outcome']),
    /** Lets time pass until the work is done. */
    passing: async <T>(work: Promise<T>): Promise<T> => {
      const done = new AbortController()
      void Promise.allSettled([work]).then(() => done.abort())
      while (!done.signal.aborted) await runtime.advance(100)
      return work
    },
  }
}

/** A provider in a process that stands still once it has its answer. */
function standingStill(provider: AuthProvider): { provider: AuthProvider; answered: Promise<void>; goOn: () => void } {
  const [answered, pause] = [gate(), gate()]
  const refresh: AuthProvider['refresh'] = async (credential, context) => {
    try {
      if (!provider.refresh) throw new Error('this provider renews')
      return await provider.refresh(credential, context)
    } finally {
      answered.open()
      await pause.opened
    }
  }
  return { provider: { ...provider, refresh }, answered: answered.opened, goOn: pause.open }
}

function tokenOf(answer: VaultAnswer): string {
  return 'credential' in answer ? answer.credential.accessToken.reveal() : answer.missing
}
