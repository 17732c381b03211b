import { expect, test } from 'vitest'
import { paths } from '@countersign/core/testing'
import { signInRows } from '../e2e/rows.ts'
import { attackStage, type AttackedPerson } from './attack-stage.ts'
import { rawGet } from './raw-get.ts'

const PLANTED = 'planted-4eX8sT0aQ7mW2kZ9'

/** How somebody spoils the callback that belongs to a sign-in, by its query as text. */
const spoilt: Readonly<Record<string, (query: string, state: string) => string>> = {
  'no state': (query, state) => query.replace(`state=${state}`, `other=${PLANTED}`),
  'an empty state': (query, state) => query.replace(`state=${state}`, `state=&other=${PLANTED}`),
  'an unknown state': (query, state) => query.replace(state, PLANTED),
  'the state twice': (query, state) => `${query}&state=${state}&other=${PLANTED}`,
  'two states': (query) => `${query}&state=${PLANTED}`,
  'a state with a line break': (query, state) => query.replace(state, `${state}%0d%0aset-cookie:%20${PLANTED}=1`),
  'a state with a zero byte': (query, state) => query.replace(state, `${state}%00${PLANTED}`),
  'a state with markup': (query, state) => query.replace(state, `%3Cscript%3E${PLANTED}%3C/script%3E`),
  'a state in half a character': (query, state) => query.replace(state, `%ff%fe${PLANTED}`),
  'a state as a list': (query, state) => query.replace(`state=${state}`, `state[]=${state}&other=${PLANTED}`),
  'the state under another name': (query, state) => query.replace(`state=${state}`, `STATE=${state}&other=${PLANTED}`),
  'a state of 8 kB': (query, state) => query.replace(state, PLANTED.repeat(340)),
  'a state of 100 kB': (query, state) => query.replace(state, PLANTED.repeat(4_200)),
}

test('a state that is not the one: refused, not repeated anywhere, not logged, and its owner still finishes', async () => {
  const { server, provider, lines, person } = await attackStage()
  const ada = await person()
  const address = await caughtCallback(ada)
  const { search, searchParams } = new URL(address)
  const state = searchParams.get('state') ?? ''
  const before = await signInRows(server.store)
  for (const [name, spoil] of Object.entries(spoilt)) {
    const answer = await rawGet(
      `${address.slice(0, -search.length)}${spoil(search, state)}`,
      ada.browser.cookiesOf(new URL(address).origin),
    )
    expect([name, [400, 431].includes(answer.status)]).toEqual([name, true])
    expect([name, JSON.stringify(answer).includes(PLANTED.slice(0, 12))]).toEqual([name, false])
  }
  expect(await signInRows(server.store)).toEqual(before)
  expect(provider.count(paths.token)).toBe(0)
  for (const secret of [PLANTED, state, searchParams.get('code') ?? '']) expect(lines.filter((line) => line.includes(secret))).toEqual([])
  expect((await ada.browser.visit(address)).response.status).toBe(200)
})

test("another person's state, and one whose time is over: refused, not repeated, not logged", async () => {
  const { server, provider, lines, person } = await attackStage()
  const [ada, mallory] = [await person(), await person()]
  const address = await caughtCallback(ada)
  const origin = new URL(address).origin
  const theirs = await rawGet(address, mallory.browser.cookiesOf(origin))
  await server.store.transact('pass', (transaction) => transaction.update('authorizations', {}, { expiresAt: 1 }))
  const late = await rawGet(address, ada.browser.cookiesOf(origin))
  expect([theirs.status, late.status]).toEqual([403, 410])
  expect(provider.count(paths.token)).toBe(0)
  for (const name of ['state', 'code']) {
    const secret = new URL(address).searchParams.get(name) ?? ''
    expect(secret).not.toBe('')
    expect([theirs, late].map((answer) => JSON.stringify(answer).includes(secret))).toEqual([false, false])
    expect(lines.filter((line) => line.includes(secret))).toEqual([])
  }
  expect(lines.filter((line) => line.startsWith('callback refused')).map((line) => /"why":"(\w+)"/.exec(line)?.[1])).toEqual([
    'other_browser',
    'ended',
  ])
})

/** Signs in as far as the address to which the browser is sent back; nobody has gone there yet. */
async function caughtCallback({ browser, ask }: AttackedPerson): Promise<string> {
  const { next: provider } = await browser.step(await ask())
  const { next: callback } = await browser.step(provider ?? '')
  return callback ?? ''
}
