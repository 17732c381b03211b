import { spawn } from 'node:child_process'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { sessionCookie } from './account.ts'
import { ADA, signIn } from './person.ts'
import { auditRecords, signInRows } from './rows.ts'
import { type Stage, theatre } from './stage.ts'

const openStage = theatre()
const command = fileURLToPath(new URL('../../packages/server/bin/countersign.js', import.meta.url))

test('keys are rotated while the server runs: it takes them up, and what the older ones signed and sealed goes on counting', async () => {
  const { stage, person, store } = await openConnected()
  const before = keysOf(stage)
  const cookie = await sessionCookie(person.context)
  const said = await countersign(stage, 'keys', 'rotate')
  const after = keysOf(stage)
  expect([said.code, said.err]).toEqual([0, ''])
  for (const use of uses) expect(after[use].slice(1)).toEqual(before[use])
  expect(statSync(keyFileOf(stage)).mode & 0o777).toBe(0o600)
  // It looks at the file as it uses its keys.
  const look = async (): Promise<string> => {
    await person.context.request.get(`${stage.origin}/api/me`)
    return (await stage.evidence.at('log info')).join('\n')
  }
  await expect.poll(look, { timeout: 5_000 }).toContain('keys read again')
  await person.ask()
  await person.hears(ADA, 2)
  expect(stage.provider.tokenRequests()).toBe(1)
  expect(await sessionCookie(person.context)).toEqual(cookie)
  const other = await stage.person()
  await other.openChat()
  await signIn(await other.askAndOpen(), 'Grace Hopper')
  await other.hears('Grace Hopper')
  const { credentials } = await signInRows(store)
  expect(credentials.map(({ sealed }) => sealed.split('.')[1]).toSorted()).toEqual([before.vault[0]?.id, after.vault[0]?.id].toSorted())
}, 90_000)

test('the keys are listed by name, duty and age, and never shown', async () => {
  const stage = await openStage()
  expect(await countersign(stage, 'keys', 'list')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('there is no key file') })
  expect(await countersign(stage, 'keys', 'rotate')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('there is no key file'),
  })
  const server = await stage.serve()
  await server.stop()
  const rotated = await countersign(stage, 'keys', 'rotate')
  const listed = await countersign(stage, 'keys', 'list')
  const keys = keysOf(stage)
  const { session, vault, receipts, audit } = keys
  const [place, , ...lines] = listed.out.trim().split('\n')
  expect(place).toBe(keyFileOf(stage))
  expect(lines.map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
    ['session', session[0]?.id, 'signs and verifies'],
    ['session', session[1]?.id, 'verifies'],
    ['vault', vault[0]?.id, 'seals and opens'],
    ['vault', vault[1]?.id, 'opens'],
    ['receipts', receipts[0]?.id, 'signs and verifies'],
    ['receipts', receipts[1]?.id, 'verifies'],
    ['audit', audit[0]?.id, 'signs and verifies'],
    ['audit', audit[1]?.id, 'verifies'],
  ])
  for (const line of lines) expect(line).toMatch(/ made \d{4}-\d\d-\d\d, 0 days ago$/)
  for (const { key } of uses.flatMap((use) => keys[use])) expect(rotated.out + listed.out).not.toContain(key)
})

test('keys that are given by a variable are rotated by being printed, and only that; the new ones come into force a day later', async () => {
  const stage = await openStage()
  const server = await stage.serve()
  await server.stop()
  const given = readFileSync(keyFileOf(stage), 'utf8')
  const rotated = await countersign({ ...stage, env: { COUNTERSIGN_KEYS: given } }, 'keys', 'rotate')
  expect([rotated.code, readFileSync(keyFileOf(stage), 'utf8')]).toEqual([0, given])
  const [before, after] = [keysOf(stage), JSON.parse(rotated.out) as Keys]
  for (const use of uses) expect(after[use].slice(1)).toEqual(before[use])
  const listed = await countersign({ ...stage, env: { COUNTERSIGN_KEYS: rotated.out } }, 'keys', 'list')
  const [place, , first, second] = listed.out.split('\n')
  expect(place).toBe('given by COUNTERSIGN_KEYS')
  expect(first).toMatch(new RegExp(`^session +${after.session[0]?.id} +verifies, signs and verifies from 2.* made `))
  expect(second).toMatch(new RegExp(`^session +${before.session[0]?.id} +signs and verifies +made `))
  for (const { key } of uses.flatMap((use) => after[use])) expect(rotated.err + listed.out).not.toContain(key)
})

test('a key file of an unknown form is not touched', async () => {
  const stage = await openStage()
  const server = await stage.serve()
  await server.stop()
  writeFileSync(keyFileOf(stage), '{"session":[]}')
  expect(await countersign(stage, 'keys', 'rotate')).toMatchObject({ code: 1, err: expect.stringContaining('is not of the known form') })
  expect(readFileSync(keyFileOf(stage), 'utf8')).toBe('{"session":[]}')
})

test('a vault key that is lost: the person is asked again and told why, the operator finds it in the log, the audit keeps it', async () => {
  const { stage, person, server } = await openConnected()
  await server.stop()
  const keys = keysOf(stage)
  writeFileSync(keyFileOf(stage), JSON.stringify({ ...keys, vault: [{ id: 'k-another', key: Buffer.alloc(32, 9).toString('base64') }] }))
  const { store } = await stage.serve()
  await person.ask()
  await person.card.getByText('can no longer be read').waitFor()
  expect((await stage.evidence.at('log error')).join('\n')).toContain('could not be opened and was removed')
  expect(await auditRecords(store, 'refresh')).toMatchObject([{ provider: 'demo', outcome: 'invalid_seal' }])
  await person.context.clearCookies({ name: /^demo_provider/ })
  await signIn(await person.openPopup())
  await person.hears(ADA, 2)
})

async function openConnected() {
  const stage = await openStage()
  const server = await stage.serve()
  const person = await stage.person()
  await person.openChat()
  await signIn(await person.askAndOpen())
  await person.hears(ADA)
  return { stage, server, person, store: server.store }
}

function keyFileOf({ folder }: Stage): string {
  return join(folder, '.countersign', 'keys.json')
}

const uses = ['session', 'vault', 'receipts', 'audit'] as const

type Keys = Readonly<Record<(typeof uses)[number], readonly { readonly id: string; readonly key: string }[]>>

function keysOf(stage: Stage): Keys {
  return JSON.parse(readFileSync(keyFileOf(stage), 'utf8')) as Keys
}

/** What the built command says about the stage's workflow. */
async function countersign(
  { workflowFile, env = {} }: Pick<Stage, 'workflowFile'> & { env?: NodeJS.ProcessEnv },
  ...words: readonly string[]
) {
  const child = spawn(process.execPath, [command, ...words, '--config_file', workflowFile], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, out, err }
}
