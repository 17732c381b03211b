import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright'
import { LunchPerson } from './lunch-person.ts'
import { type Both, startBoth } from './start-both.ts'

const NAME = 'Ada Lovelace'

/** Plays the person in a real browser against the real servers, answers one question of every kind, and prints each answer. @returns the exit code */
export async function check(): Promise<number> {
  const browsers = await tools<{ findChromium(): string | undefined; chromiumArgs: readonly string[] }>('chromium')
  const executablePath = browsers.findChromium()
  if (executablePath === undefined) throw new Error('no Chromium was found; "node tools/bootstrap.mjs --chromium" installs one')
  const folder = mkdtempSync(join(tmpdir(), 'questions-'))
  const both = await startElsewhere(folder)
  const browser = await chromium.launch({ executablePath, args: [...browsers.chromiumArgs] })
  try {
    await play(browser, both)
    return 0
  } finally {
    await browser.close()
    await both.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function play(browser: Browser, { server }: Both): Promise<void> {
  const person = new LunchPerson(await browser.newPage())
  await person.open(server.publicOrigin)
  await person.say('Plan the team lunch')
  await person.pick('Lebanese')
  await person.select('12:30')
  await person.tick('Vegetarian', 'Without nuts')
  await person.press('At the restaurant')
  await person.write('A table by the window')
  tell(await person.hears(/food at/))
  await person.say('Book a table for 6 people')
  await person.approve()
  await person.write('Lovelace')
  tell(await person.hears(/is booked under/))
  await person.say('Invite the team')
  await person.signIn(NAME)
  tell(await person.hears(/the invitation is from/))
}

/** Starts both on free ports with a database of their own, so that a demo may run beside it. */
async function startElsewhere(folder: string): Promise<Both> {
  const ports = await tools<{ freePort(): Promise<number> }>('free-port')
  const [providerPort, port] = [await ports.freePort(), await ports.freePort()]
  const issuer = `http://127.0.0.1:${providerPort}`
  const overrides = [
    { path: 'general.front_end.port', value: String(port) },
    { path: 'store.url', value: `sqlite:${join(folder, 'countersign.db')}` },
    { path: 'authentication.calendar.issuer', value: issuer },
    { path: 'functions.invite_team.api_url', value: `${issuer}/api/me` },
  ]
  return startBoth({ providerPort, overrides, redirectUris: [`http://localhost:${port}/auth/redirect`] })
}

/** These belong to the repository's tools, outside of what is compiled here. */
async function tools<T>(name: string): Promise<T> {
  return (await import(new URL(`../../../tools/${name}.mjs`, import.meta.url).href)) as T
}

function tell(sentence: string): void {
  process.stdout.write(`${sentence}\n`)
}
