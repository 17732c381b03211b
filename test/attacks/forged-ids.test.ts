import { fromBase64url } from '@countersign/core'
import { expect, test } from 'vitest'
import { signInRows } from '../e2e/rows.ts'
import { attackStage } from './attack-stage.ts'
import { rawGet } from './raw-get.ts'

/** What somebody makes of an id that they know, or of one of another kind. */
const forgeries: Readonly<Record<string, (known: Known) => string>> = {
  'without its end': ({ interaction }) => interaction.slice(0, -1),
  'without its beginning': ({ interaction }) => interaction.slice(1),
  'with more behind it': ({ interaction }) => `${interaction}0`,
  'in the other case': ({ interaction }) => swapCase(interaction),
  'with the next character': ({ interaction }) => `${interaction.slice(0, -1)}${interaction.endsWith('A') ? 'B' : 'A'}`,
  'with a zero byte': ({ interaction }) => `${interaction}%00`,
  'with a space': ({ interaction }) => `${interaction}%20`,
  'with a line break': ({ interaction }) => `${interaction}%0d%0aset-cookie:%20a=b`,
  'with a pattern': ({ interaction }) => `${interaction.slice(0, 5)}%25`,
  'of SQL': () => `%27%20OR%20%271%27%3D%271`,
  'that is none': () => '__proto__',
  'of the run': ({ run }) => run,
  'of the call': ({ call }) => call,
  'of the authorization': ({ authorization }) => authorization,
  'of the conversation': ({ conversation }) => conversation,
}

interface Known {
  readonly interaction: string
  readonly run: string
  readonly call: string
  readonly authorization: string
  readonly conversation: string
}

/** The form of an id, and nobody's. */
const NEVER = 'AAAAAAAAAAAAAAAAAAAAAA'
const never: Known = { interaction: NEVER, run: NEVER, call: NEVER, authorization: NEVER, conversation: NEVER }

test('a forged id opens nothing, for the owner neither, and is answered like one that never was', async () => {
  // Who tries many ids is stopped by this limit; here it is the ids that count.
  const { origin, provider, server, person } = await attackStage({ max_messages_per_10_seconds: 1_000 })
  const { browser, client, ask } = await person()
  const startUrl = await ask()
  const before = await signInRows(server.store)
  const cookie = browser.cookiesOf(origin)
  for (const [name, forge] of Object.entries(forgeries)) {
    const [forged, unknown] = [forge(knownOf(before)), forge(never)]
    const answered = await rawGet(`${origin}/auth/start/${forged}`, cookie)
    expect([name, answered]).toEqual([name, await rawGet(`${origin}/auth/start/${unknown}`, cookie)])
    expect([name, answered.status]).toEqual([name, 403])
    const refused = await client.refusalOf(answerTo(forged))
    expect([name, refused.content]).toEqual([name, (await client.refusalOf(answerTo(unknown))).content])
  }
  expect(await signInRows(server.store)).toEqual(before)
  expect(provider.requests.filter(({ path }) => path === '/authorize')).toEqual([])
  expect((await browser.visit(startUrl)).response.status).toBe(200)
})

test('an id that the owner may open is, for anybody else, like one that never was', async () => {
  const { origin, server, person } = await attackStage()
  const [ada, mallory] = [await person(), await person()]
  const startUrl = await ada.ask()
  const before = await signInRows(server.store)
  for (const cookie of [mallory.browser.cookiesOf(origin), '', 'countersign-session=forged']) {
    expect(await rawGet(startUrl, cookie)).toEqual(await rawGet(`${origin}/auth/start/${NEVER}`, cookie))
  }
  const { interaction } = knownOf(before)
  const refused = await mallory.client.refusalOf(answerTo(interaction))
  expect(refused.content).toEqual((await mallory.client.refusalOf(answerTo(NEVER))).content)
  expect(await signInRows(server.store)).toEqual(before)
})

test('ids hold 128 random bits: none can be guessed from another', async () => {
  const { server, person } = await attackStage()
  for (const each of [await person(), await person()]) await each.ask()
  const { interactions, authorizations, runs } = await signInRows(server.store)
  // Before them stands the time.
  const ids = [...interactions, ...authorizations, ...runs].map(({ id }) => id.slice(9))
  expect(new Set(ids).size).toBe(6)
  for (const id of ids) expect(fromBase64url(id)).toHaveLength(16)
  const shared = ids.flatMap((one) => ids.filter((other) => other !== one && other.slice(0, 6) === one.slice(0, 6)))
  expect(shared).toEqual([])
})

function knownOf({ interactions, runs, authorizations }: Awaited<ReturnType<typeof signInRows>>): Known {
  const [interaction] = interactions
  return {
    interaction: interaction?.id ?? '',
    run: runs[0]?.id ?? '',
    call: interaction?.callId ?? '',
    authorization: authorizations[0]?.id ?? '',
    conversation: interaction?.conversationId ?? '',
  }
}

function swapCase(id: string): string {
  return id.replaceAll(/[a-z]/gi, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()))
}

/** @param interactionId as it stands in an address */
function answerTo(interactionId: string): string {
  return JSON.stringify({
    type: 'user_interaction_message',
    id: 'forged',
    interaction_id: decodeURIComponent(interactionId),
    action: 'cancel',
  })
}
