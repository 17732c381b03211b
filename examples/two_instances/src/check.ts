import { join } from 'node:path'
import { type CheckRoom, checkIn, tell } from '@countersign/example-stage'
import type { Page } from 'playwright'
import { openDatabase } from './database.ts'
import { SentRequests } from './sent-requests.ts'
import { type All, startAll } from './start-all.ts'

const QUESTION = 'Who am I logged in as?'
const NAME = 'Ada Lovelace'

/** Plays the person in a real browser through the proxy, kills a server in the middle, and prints the answer last. @returns the exit code */
export function check(): Promise<number> {
  return checkIn(async (room) => {
    const database = await openDatabase()
    const sent = new SentRequests()
    try {
      const all = await startElsewhere(room, { databaseUrl: database.url, onSent: sent.note })
      try {
        await play(await room.browser.newPage(), all, sent)
      } finally {
        await all.stop()
      }
    } finally {
      await database.stop()
    }
  })
}

async function play(page: Page, all: All, sent: SentRequests): Promise<void> {
  await page.goto(all.origin)
  await ask(page)
  await signIn(page)
  const answer = page.locator('countersign-markdown').getByText(NAME)
  await answer.waitFor()
  const [start, callback] = [sent.at('/auth/start'), sent.at('/auth/redirect')]
  tell(`the socket was at ${sent.socketAt}, the sign-in left from ${start} and came back to ${callback}; requests so far: ${sent.inWords}`)
  if (sent.servers.length < all.instances.length) throw new Error('one server had all requests')
  const victim = all.instances.find(({ name }) => name === sent.socketAt)
  await victim?.kill()
  tell(`${victim?.name} was killed`)
  await ask(page)
  await answer.nth(1).waitFor()
  tell(`the socket is at ${sent.socketAt}, and the question is answered there, with the same sign-in`)
  const requests = all.provider.tokenRequests()
  if (requests !== 1) throw new Error(`expected one token request, the provider counted ${requests}`)
  tell((await answer.nth(1).innerText()).trim())
}

/** Starts all on free ports with keys of their own. */
async function startElsewhere(
  { folder, freePort }: CheckRoom,
  rest: Pick<Parameters<typeof startAll>[0], 'databaseUrl' | 'onSent'>,
): Promise<All> {
  const [proxyPort, providerPort, first, second] = [await freePort(), await freePort(), await freePort(), await freePort()]
  return startAll({ ...rest, proxyPort, providerPort, instancePorts: [first, second], keyFile: join(folder, 'keys.json') })
}

async function signIn(page: Page): Promise<void> {
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.getByRole('button', { name: /^Sign in at/ }).click()])
  await popup.fill('input[name="login"]', NAME)
  await popup.getByRole('button', { name: 'Sign in' }).click()
  await popup.getByRole('button', { name: 'Allow' }).click()
}

async function ask(page: Page): Promise<void> {
  await page.getByRole('textbox').fill(QUESTION)
  await page.keyboard.press('Enter')
}
