import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connections, providerOf, type Runtime, type Store, systemRuntime, type TableName, tables } from '@countersign/core'
import { authorizationCode } from '@countersign/core/providers'
import {
  idToken,
  paths,
  people,
  scriptedModel,
  type SignInProcess,
  type SignInWorld,
  signInWorld,
  tokenBody,
} from '@countersign/core/testing'
import { openPostgresStore, openSqliteStore } from '@countersign/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { hostileClient } from '../../packages/core/src/providers/hostile-sign-in.ts'
import { Accounts } from '../../packages/server/src/identity/accounts.ts'
import { ServerSignIn } from '../../packages/server/src/identity/server-sign-in.ts'
import { Sessions } from '../../packages/server/src/identity/sessions.ts'
import { createDatabase } from '../../tools/postgres-cluster.mjs'
import { Evidence } from '../e2e/evidence.ts'

const { ada, grace } = people

/** A store, and what its owner can read besides its rows. */
interface Place {
  readonly store: Store
  readonly folder?: string
}

const places: Readonly<Record<string, () => Promise<Place>>> = {
  async sqlite() {
    const folder = mkdtempSync(join(tmpdir(), 'readable '))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    return { folder, store: await openSqliteStore({ file: join(folder, 'story.db'), runtime: systemRuntime() }) }
  },
  async postgres() {
    return { store: await openPostgresStore({ url: await createDatabase(), runtime: systemRuntime() }) }
  },
}

describe.each(Object.keys(places))('who reads the database on %s', (name) => {
  test('finds no token, code, verifier, state, nonce, cookie or client secret of a whole story', async () => {
    const { evidence, secrets } = await played(name)
    expect([...new Set(secrets.map(({ kind }) => kind))].toSorted()).toEqual(
      ['access token', 'client secret', 'code', 'code_verifier', 'cookie', 'flow', 'nonce', 'refresh token', 'state'].toSorted(),
    )
    const found = await Promise.all(
      secrets.map(async ({ kind, value }) => (await evidence.placesOf(value)).map((place) => `${kind} in ${place}`)),
    )
    expect(found.flat()).toEqual([])
  }, 30_000)

  test('finds what was said and what tools were called with, and what looks like a secret of it nowhere else', async () => {
    const { evidence, password } = await played(name)
    const found = (await evidence.placesOf(password)).filter((place) => place.startsWith('table'))
    expect(found.toSorted()).toEqual(['table calls', 'table messages'])
    // The same search finds a token that is there.
    expect(await evidence.placesOf(planted)).toContain('table messages')
  }, 30_000)
})

const planted = 'planted-4eX8sT0aQ7mW2kZ9'

/** Somebody signs in to the server, approves a call, connects, and has the token renewed; others are still on their way. */
async function played(name: string) {
  const place = await places[name]?.()
  if (!place) throw new Error(`there is no place "${name}"`)
  const { store, folder } = place
  onTestFinished(() => store.close())
  const password = randomBytes(18).toString('base64url')
  const model = scriptedModel((messages) =>
    messages.at(-1)?.role === 'user' ? [{ call: 'calendar', input: { password } }] : [`Done, ${planted}.`],
  )
  const world = signInWorld({ store, model, tool: { risk: 'high', input: z.object({ password: z.string() }) } })
  const secrets = recordedSecrets(world)
  const a = world.spawn('a')
  secrets.push(...(await signInToServer(world, a)))
  world.api.answer = () => new Response(null, { status: world.api.tokens.length === 1 ? 401 : 204 })
  const runId = await world.say(a, ada)
  await approve(world, a, ada)
  secrets.push(...(await connect(world, a)))
  await world.ended(runId)
  expect(world.server.count(paths.token)).toBe(3)
  await world.say(a, grace)
  await approve(world, a, grace)
  const { url, flow } = await world.agree(a, grace)
  secrets.push(...returned(url), { kind: 'flow', value: flow })
  const evidence = new Evidence()
  if (folder !== undefined) evidence.noteFiles(folder, '')
  // All there are; the names of the tables are the description's keys.
  for (const table of Object.keys(tables) as TableName[])
    evidence.note(`table ${table}`, JSON.stringify(await store.transact('read', (transaction) => transaction.find(table, {}))))
  return { evidence, secrets, password }
}

interface SecretSeen {
  readonly kind: string
  readonly value: string
}

/** What goes to the token endpoint and comes from it; filled while the story goes on. */
function recordedSecrets({ server }: SignInWorld): SecretSeen[] {
  const secrets: SecretSeen[] = [{ kind: 'client secret', value: hostileClient.secret }]
  server.script[paths.token] = (form) => {
    for (const kind of ['code', 'code_verifier']) {
      const value = form.get(kind)
      if (value !== null) secrets.push({ kind, value })
    }
    const [access, refresh] = [randomBytes(24).toString('base64url'), randomBytes(24).toString('base64url')]
    secrets.push({ kind: 'access token', value: access }, { kind: 'refresh token', value: refresh })
    return Response.json(tokenBody({ access_token: access, refresh_token: refresh }))
  }
  return secrets
}

async function approve(world: SignInWorld, { runs }: SignInProcess, visitor: typeof ada | typeof grace): Promise<void> {
  const { id } = await world.question(visitor)
  expect(await runs.answer(id, { action: 'accept', answer: 'approve' }, visitor)).toEqual({ outcome: 'settled' })
}

async function connect(world: SignInWorld, a: SignInProcess): Promise<readonly SecretSeen[]> {
  const { url, flow } = await world.agree(a, ada)
  url.searchParams.set('code', randomBytes(18).toString('base64url'))
  expect(await a.consents.finish(url, [flow], [ada])).toEqual({ outcome: 'granted' })
  return [...returned(url), { kind: 'flow', value: flow }]
}

/** One browser signs in to the server, another one is on its way. */
async function signInToServer(world: SignInWorld, { deps }: SignInProcess): Promise<readonly SecretSeen[]> {
  const runtime: Runtime = { ...systemRuntime(), fetch: world.runtime.fetch }
  const { store, sealer, redirectUri } = deps
  const { issuer, script } = world.server
  const provider = authorizationCode.create(authorizationCode.config.parse({ client_id: 'client', issuer, scopes: ['openid'] }), {
    name: 'idp',
  })
  const sessions = new Sessions({ store, runtime, keys: () => [{ id: 'k1', bytes: new Uint8Array(32).fill(1) }] })
  const connections = new Connections({ ...deps, provider: (name) => providerOf(new Map([['idp', provider]]), name) })
  const accounts = new Accounts({ sessions, connections, runs: deps })
  const signIn = new ServerSignIn({ store, runtime, sealer, accounts, provider, name: 'idp', redirectUri, isRequired: false })
  const [first, second] = [await sessions.open('Firefox'), await sessions.open('Chrome')]
  const leave = async ({ visitor }: typeof first): Promise<URLSearchParams> => {
    const left = await signIn.leave(visitor, 'http://localhost:8000/')
    if (left.outcome !== 'redirect') throw new Error(`the browser did not leave: ${left.outcome}`)
    return new URL(left.url).searchParams
  }
  const [sent, pending] = [await leave(first), await leave(second)]
  const answer = script[paths.token]
  script[paths.token] = async (form, request) => {
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: issuer, aud: 'client', sub: 'ada', iat: now, exp: now + 300, nonce: sent.get('nonce') }
    const body = (await (await answer?.(form, request))?.json()) as object
    return Response.json({ ...body, id_token: idToken(claims), scope: 'openid' })
  }
  const url = new URL(redirectUri)
  const code = randomBytes(18).toString('base64url')
  url.search = new URLSearchParams({ code, state: sent.get('state') ?? '', iss: issuer }).toString()
  const outcome = await signIn.finish(url, first.visitor, 'Firefox')
  if (outcome?.outcome !== 'signed_in') throw new Error('nobody was signed in')
  if (answer) script[paths.token] = answer
  const cookies = [first.cookie, second.cookie, outcome.cookie].flatMap((cookie) => cookie.split('.'))
  return [...returned(url), ...asked(sent), ...asked(pending), ...cookies.map((value) => ({ kind: 'cookie', value }))]
}

function returned({ searchParams }: URL): readonly SecretSeen[] {
  return asked(searchParams)
}

/** What of an address is secret. */
function asked(query: URLSearchParams): readonly SecretSeen[] {
  return ['state', 'nonce', 'code'].flatMap((kind) => {
    const value = query.get(kind) ?? ''
    // The codes of the scripted server are too short to be looked for.
    return value.length < 16 ? [] : [{ kind, value }]
  })
}
