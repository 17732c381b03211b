import { expect, test } from 'vitest'
import { ADA, sayName, signIn } from './person.ts'
import { signInRows } from './rows.ts'
import { theatre } from './stage.ts'

const openStage = theatre()

test.each([
  ['Cancel', 'before saying a name'],
  ['Deny', 'when asked to allow it'],
])('"%s" at the provider (%s): a plain sentence, no token request, and the run ends', async (button) => {
  const { stage, person, store } = await openChat()
  const popup = await person.askAndOpen()
  if (button === 'Deny') await sayName(popup)
  const closed = popup.waitForEvent('close')
  await popup.getByRole('button', { name: button }).click()
  await popup.getByRole('heading', { name: 'You declined' }).waitFor()
  await closed
  await person.hears('declined')
  expect(await person.closedCards.innerText()).toContain(`You declined to sign in at ${hostOf(stage)}.`)
  expect(stage.provider.tokenRequests()).toBe(0)
  expect(await ends(store)).toEqual({ authorizations: ['denied'], interactions: ['declined'], runs: ['done'] })
})

test('after a decline, asking again asks for a new sign-in, which completes', async () => {
  const { stage, person, store } = await openChat()
  const popup = await person.askAndOpen()
  await popup.getByRole('button', { name: 'Cancel' }).click()
  await person.hears('declined')
  await signIn(await person.askAndOpen())
  await person.hears(ADA)
  expect(stage.provider.tokenRequests()).toBe(1)
  expect((await ends(store)).authorizations).toEqual(['denied', 'granted'])
})

test('cancel on the card: its window closes, the run ends in words, and no token request is made', async () => {
  const { stage, person, store } = await openChat()
  const popup = await person.askAndOpen()
  const closed = popup.waitForEvent('close')
  await person.card.getByRole('button', { name: 'Cancel' }).click()
  await closed
  await person.hears('cancelled')
  expect(await person.closedCards.innerText()).toContain('The sign-in was cancelled.')
  expect(stage.provider.tokenRequests()).toBe(0)
  expect(await ends(store)).toEqual({ authorizations: ['cancelled'], interactions: ['cancelled'], runs: ['done'] })
})

test('a window that the person closed: the card says so, opens it again, and the sign-in completes', async () => {
  const { stage, person } = await openChat()
  const popup = await person.askAndOpen()
  await sayName(popup)
  await popup.close()
  await person.card.getByText('The window was closed.').waitFor()
  const again = await person.openPopup('Open it again')
  await again.getByRole('button', { name: 'Allow' }).click()
  await person.hears(ADA)
  expect(stage.provider.tokenRequests()).toBe(1)
})

test('a browser that opens no windows: the card offers a plain link, and the sign-in completes there', async () => {
  const { person } = await openChat()
  await person.page.evaluate(() => {
    window.open = () => null
  })
  await person.ask()
  await person.card.getByRole('button', { name: /^Sign in at/ }).click()
  await person.card.getByText('Your browser blocked the window.').waitFor()
  const link = person.card.getByRole('link', { name: 'Open the sign-in page' })
  const [tab] = await Promise.all([person.context.waitForEvent('page'), link.click()])
  await signIn(tab)
  await person.hears(ADA)
})

test('a sign-in whose time is up: the card says so, the run ends in words, and a late callback changes nothing', async () => {
  const { stage, person, store } = await openChat({ limits: { consentTimeoutMs: 6_000 } })
  const popup = await person.askAndOpen()
  await sayName(popup)
  await person.closedCards.waitFor()
  expect(await person.closedCards.innerText()).toContain('The sign-in expired before it was finished.')
  await person.hears('not finished in time')
  const before = await signInRows(store)
  expect(await ends(store)).toEqual({ authorizations: ['expired'], interactions: ['expired'], runs: ['done'] })
  const callback = popup.waitForResponse((response) => response.url().startsWith(`${stage.origin}/auth/redirect`))
  await popup.getByRole('button', { name: 'Allow' }).click()
  expect((await callback).status()).toBe(410)
  await popup.getByRole('heading', { name: 'This sign-in is over' }).waitFor()
  expect(await signInRows(store)).toEqual(before)
  expect(stage.provider.tokenRequests()).toBe(0)
})

async function openChat(options: Parameters<typeof openStage>[0] = {}) {
  const stage = await openStage(options)
  const { store } = await stage.serve()
  const person = await stage.person()
  await person.openChat()
  return { stage, person, store }
}

function hostOf({ provider }: { provider: { issuer: string } }): string {
  return new URL(provider.issuer).host
}

/** In which states everything came to rest. */
async function ends(store: Parameters<typeof signInRows>[0]) {
  await expect.poll(async () => (await signInRows(store)).runs.every(({ endedAt }) => endedAt !== null)).toBe(true)
  const rows = await signInRows(store)
  const statesOf = (list: readonly { readonly state: string }[]): string[] => list.map(({ state }) => state)
  return { authorizations: statesOf(rows.authorizations), interactions: statesOf(rows.interactions), runs: statesOf(rows.runs) }
}
