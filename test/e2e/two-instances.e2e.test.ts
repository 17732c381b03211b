import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright'
import { expect, onTestFinished, test } from 'vitest'
import { SentRequests } from '../../examples/two_instances/src/sent-requests.ts'
import { type All, startAll } from '../../examples/two_instances/src/start-all.ts'
import { chromiumArgs, findChromium } from '../../tools/chromium.mjs'
import { freePort } from '../../tools/free-port.mjs'
import { createDatabase } from '../../tools/postgres-cluster.mjs'
import { ADA, Person, sayName } from './person.ts'

test('behind a plain round-robin proxy: the server that has the socket dies in the middle of a sign-in, which ends at the other', async () => {
  const { all, person, sent } = await openExample()
  await person.openChat()
  const popup = await person.askAndOpen()
  await sayName(popup)
  const victim = all.instances.find(({ name }) => name === sent.socketAt)
  await victim?.kill()
  await popup.getByRole('button', { name: 'Allow' }).click()
  await person.hears(ADA)
  expect(victim).toBeDefined()
  expect(sent.socketAt).not.toBe(victim?.name)
  expect(sent.at('/auth/redirect')).not.toBe(victim?.name)
  expect(all.provider.tokenRequests()).toBe(1)
  expect(await person.card.count()).toBe(0)
})

test('the example plays itself', async () => {
  const main = fileURLToPath(new URL('../../examples/two_instances/dist/main.js', import.meta.url))
  const env = { ...process.env, DATABASE_URL: await createDatabase() }
  const child = spawn(process.execPath, [main, '--check'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  expect(said.trim().split('\n').at(-1)).toBe('You are logged in as Ada Lovelace (ada-lovelace@example.test).')
  expect(code).toBe(0)
})

/** The example on ports and a database of its own, and somebody before it. */
async function openExample(): Promise<{ readonly all: All; readonly person: Person; readonly sent: SentRequests }> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-two-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [proxyPort, providerPort, first, second] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const sent = new SentRequests()
  const shared = { databaseUrl: await createDatabase(), keyFile: join(folder, 'keys.json'), onSent: sent.note }
  const all = await startAll({ ...shared, proxyPort, providerPort, instancePorts: [first, second] })
  onTestFinished(() => all.stop())
  const executablePath = findChromium()
  const browser = await chromium.launch({ args: [...chromiumArgs], ...(executablePath !== undefined && { executablePath }) })
  onTestFinished(() => browser.close())
  const context = await browser.newContext()
  context.setDefaultTimeout(15_000)
  return { all, sent, person: new Person(context, await context.newPage(), all.origin) }
}
