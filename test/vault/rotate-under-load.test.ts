import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Consents, createSealer, memoryStore, providerOf, Receipts, Runs, systemRuntime, TokenVault, type Visitor } from '@countersign/core'
import {
  conversationOf,
  paths,
  scriptedModel,
  type SignInProcess,
  type SignInWorld,
  signInWorld,
  tokenBody,
} from '@countersign/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { openCredential } from '../../packages/core/src/auth/vault-entry.ts'
import { Sessions } from '../../packages/server/src/identity/sessions.ts'
import { ensureKeyFile, rotateKeyFile } from '../../packages/server/src/keys/key-file.ts'
import { type KeyRing, openKeyRing } from '../../packages/server/src/keys/key-ring.ts'

const PEOPLE = 12
/** After how many commits there are new keys. */
const ROTATION_PERIOD = 10
const runtime = systemRuntime()

test('keys are rotated again and again while people approve, sign in, are renewed and come back on two servers: nothing fails, all old values open', async () => {
  const file = join(keyFolder(), 'keys.json')
  const first = ensureKeyFile(file, runtime)
  const world = worldOfShortTokens()
  const servers = [await serverOn(world, file, 'a'), await serverOn(world, file, 'b')] as const
  const rotations = rotateWhile(world, file)
  const people: string[] = []
  for (let at = 0; at < PEOPLE; at += 3) people.push(...(await Promise.all([at, at + 1, at + 2].map((each) => live(world, servers, each)))))
  expect(rotations()).toBeGreaterThan(5)
  expect(world.runtime.logged.filter(({ level }) => level === 'error' || level === 'warn')).toEqual([])
  const calls = await world.rows('calls')
  expect(calls).toHaveLength(2 * PEOPLE)
  expect(new Set(calls.map(({ status }) => status))).toEqual(new Set(['ok']))
  await expectAllReadable({ world, file, cookies: people })
  const sealedBy = (await world.rows('credentials')).map(({ sealed }) => sealed.split('.')[1])
  expect(new Set(sealedBy).size).toBeGreaterThan(1)
  // What is written now carries the newest id.
  const newest = ensureKeyFile(file, runtime)
  expect(newest.vault.at(-1)).toEqual(first.vault[0])
  const sealed = await createSealer(openKeyRing({ kind: 'file', file }, runtime).vault, runtime).seal('the token', ['place'])
  expect(sealed.split('.')[1]).toBe(newest.vault[0].id)
})

test('a cookie that another server has just signed with a new key is known at once', async () => {
  const file = join(keyFolder(), 'keys.json')
  const store = memoryStore(runtime)
  const sessionsOf = (): Sessions => new Sessions({ store, runtime, keys: openKeyRing({ kind: 'file', file }, runtime).session })
  const mine = sessionsOf()
  rotateKeyFile(file, runtime)
  const { cookie, visitor } = await sessionsOf().open('Firefox')
  expect(await mine.find(cookie)).toEqual(visitor)
})

interface Server extends SignInProcess {
  readonly sessions: Sessions
}

/** One server of several: its own ring on the common file. */
async function serverOn(world: SignInWorld, file: string, owner: string): Promise<Server> {
  // A server looks at its file once a second: here, at each fifth use of a key.
  let uses = 0
  const ring: KeyRing = openKeyRing({ kind: 'file', file }, { ...runtime, now: () => runtime.now() + (uses += 1) * 200 })
  const { deps: plain, runs } = world.spawn(owner)
  // It has the keys of a test.
  await runs.stop(0)
  const { store } = plain
  const sealer = createSealer(ring.vault, runtime)
  const vault = new TokenVault({ store, runtime: plain.runtime, sealer })
  const deps = { ...plain, sealer, vault, receipts: new Receipts(ring.receipts, runtime) }
  const { providers } = deps.workflow('test')
  const { exchangeDeadlineMs } = deps.limits
  const consents = new Consents({ ...deps, provider: (name) => providerOf(providers, name), exchangeDeadlineMs })
  return { deps, vault, runs: new Runs(deps), consents, sessions: new Sessions({ store, runtime, keys: ring.session }) }
}

/** Each step at another server than the one before. @returns the cookie */
async function live(world: SignInWorld, [a, b]: readonly [Server, Server], at: number): Promise<string> {
  const { cookie } = await (at % 2 === 0 ? a : b).sessions.open('Firefox')
  const visitor = await (at % 2 === 0 ? b : a).sessions.find(cookie)
  if (!visitor) throw new Error('the session is not found at the other server')
  const runId = await world.say(a, visitor)
  await approve(world, b, visitor)
  const { url, flow } = await world.agree(a, visitor)
  expect(await b.consents.finish(url, [flow], [visitor])).toEqual({ outcome: 'granted' })
  await world.ended(runId)
  // The API takes each token once: this call is renewed.
  const { runId: again } = await b.runs.start({
    workflow: 'test',
    conversationId: conversationOf(visitor),
    messageId: 'again',
    text: 'Again',
    visitor,
  })
  await approve(world, a, visitor)
  await world.ended(again)
  return cookie
}

async function approve(world: SignInWorld, { runs }: Server, visitor: Visitor): Promise<void> {
  const { id } = await world.question(visitor)
  expect(await runs.answer(id, { action: 'accept', answer: 'approve' }, visitor)).toEqual({ outcome: 'settled' })
}

async function expectAllReadable({
  world,
  file,
  cookies,
}: {
  world: SignInWorld
  file: string
  cookies: readonly string[]
}): Promise<void> {
  const ring = openKeyRing({ kind: 'file', file }, runtime)
  const sealer = createSealer(ring.vault, runtime)
  const credentials = await world.rows('credentials')
  expect(credentials).toHaveLength(PEOPLE)
  for (const row of credentials) expect((await openCredential(sealer, row)).accessToken.reveal()).toMatch(/^access-\d+$/)
  const sessions = new Sessions({ store: world.store, runtime, keys: ring.session })
  for (const cookie of cookies) expect(await sessions.find(cookie)).toBeDefined()
  const receipts = new Receipts(ring.receipts, runtime)
  const approvals = (await world.rows('interactions')).filter(({ place }) => place === 'approval')
  expect(approvals.map((row) => receipts.hold(row, row.question))).toEqual(approvals.map(() => true))
  expect(approvals).toHaveLength(2 * PEOPLE)
}

/** Rotates in between all that is done. @returns how often until now */
function rotateWhile({ store }: SignInWorld, file: string): () => number {
  let commits = 0
  const stop = store.subscribe('conversation', () => {
    commits += 1
    if (commits % ROTATION_PERIOD === 0) rotateKeyFile(file, runtime)
  })
  onTestFinished(stop)
  return () => Math.floor(commits / ROTATION_PERIOD)
}

/** Each token opens the API once. */
function worldOfShortTokens(): SignInWorld {
  const model = scriptedModel((messages) => (messages.at(-1)?.role === 'user' ? [{ call: 'calendar' }] : ['Two meetings.']))
  const world = signInWorld({ model, tool: { risk: 'high' } })
  const seen = new Set<string | null>()
  let issued = 0
  world.server.script[paths.token] = () => {
    issued += 1
    return Response.json(tokenBody({ access_token: `access-${issued}`, refresh_token: `refresh-${issued}` }))
  }
  world.api.answer = (request) => {
    const token = request.headers.get('authorization')
    if (seen.has(token)) return new Response(null, { status: 401 })
    seen.add(token)
    return Response.json({ meetings: 2 })
  }
  return world
}

function keyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rotate '))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}
