import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DemoProviderOptions } from '@countersign/demo-provider'
import { expect, test } from 'vitest'
import { Evidence } from './evidence.ts'
import { ADA, type Person, signIn } from './person.ts'
import { recordedModel } from './recorded-model.ts'
import { type Stage, theatre } from './stage.ts'
import { clientSecretOf } from './workflow-file.ts'

const openStage = theatre()
const scopes = ['openid', 'profile', 'email', 'offline_access']

test.each(['public', 'confidential', 'confidentialPost'] as const)(
  'no token, code, verifier or client secret is seen outside of the server, also after a refresh (%s client)',
  async (client) => {
    const api = forgetfulApi()
    const { stage, person, workflowFile } = await openRecordedChat({ client, intercept: api.intercept })
    await signIn(await person.askAndOpen())
    await person.hears(ADA)
    api.refuseOnce()
    await person.ask()
    await person.hears(ADA, 2)
    await gather(stage, person, workflowFile)
    const seen = stage.tokens.secrets()
    expect([...seen].map(([name, values]) => `${values.length} ${name}`)).toEqual(
      expect.arrayContaining(['1 code', '1 code_verifier', '2 access_token']),
    )
    // Two were issued, and the first was sent back once.
    expect(new Set(seen.get('refresh_token'))).toHaveLength(2)
    expect(await leaks(stage, clientSecretOf(client))).toEqual([])
    expect(await stage.evidence.places()).toEqual(expect.arrayContaining(everywhere))
    expect((await stage.evidence.at('response of /auth/')).join()).toContain('You are signed in')
  },
)

test('a token endpoint that fails and repeats what it was sent: neither the chat nor the log tells it on', async () => {
  const { stage, person, workflowFile } = await openRecordedChat({ isRepeating: true })
  await signIn(await person.askAndOpen())
  await person.hears('did not')
  await gather(stage, person, workflowFile)
  expect([...stage.tokens.secrets().keys()]).toEqual(['code', 'code_verifier'])
  expect(await leaks(stage, undefined)).toEqual([])
  expect((await stage.evidence.at('log warn')).join()).toContain('sign-in failed')
})

test('a secret that is planted at all these places is found at all of them', async () => {
  const { stage, person, workflowFile } = await openRecordedChat({})
  const planted = 'planted-4eX8sT0aQ7mW2kZ9'
  await person.ask(planted)
  await person.card.waitFor()
  stage.evidence.log.info('planted', { path: planted })
  await person.context.addCookies([{ name: 'planted', value: planted, url: stage.origin }])
  await person.page.evaluate(async (secret) => {
    localStorage.setItem('planted', secret)
    console.info(secret)
    await (await fetch(`/${secret}`)).text()
  }, planted)
  await gather(stage, person, workflowFile)
  const found = await stage.evidence.placesOf(planted)
  const kinds = ['console info', 'cookie planted', 'frame received', 'frame sent', 'log info', 'model input', 'page', 'request', 'storage']
  expect(found).toEqual(expect.arrayContaining(kinds))
  expect(found.some((place) => place.startsWith('file countersign.db'))).toBe(true)
  for (const form of [planted.slice(0, 12), Buffer.from(planted).toString('base64url'), Buffer.from(planted).toString('hex')]) {
    const evidence = new Evidence()
    evidence.note('here', `…${form}…`)
    expect(await evidence.placesOf(planted)).toEqual(['here'])
  }
})

test("a browser's cookie, the server's keys and what people say: each only where it belongs, and in no log line of any level", async () => {
  const { stage, person, workflowFile } = await openRecordedChat({ client: 'confidential' })
  const said = 'Who am I logged in as, planted-9bQ3nV7rL5xH1cJ6?'
  await person.ask(said)
  await signIn(await person.openPopup())
  await person.hears(ADA)
  for (const path of ['/health', '/health/ready']) await person.page.evaluate((each) => fetch(each).then((answer) => answer.text()), path)
  await gather(stage, person, workflowFile)
  const everything = await stage.evidence.places()
  expect(everything).toEqual(expect.arrayContaining([...everywhere, 'log info', 'response of /health', 'response of /health/ready']))
  const sessions = (await person.context.cookies()).filter(({ name }) => name.endsWith('-session') && name.startsWith('countersign'))
  expect(sessions).toHaveLength(1)
  for (const { name, value } of sessions)
    expect((await stage.evidence.placesOf(value)).toSorted()).toEqual([`cookie ${name}`, 'request', 'response header'])
  const keys = keysOf(stage)
  expect(keys.length).toBeGreaterThanOrEqual(2)
  for (const key of keys) expect(await stage.evidence.placesOf(key)).toEqual(['file keys.json'])
  const heard = await stage.evidence.placesOf('planted-9bQ3nV7rL5xH1cJ6')
  expect(heard).toEqual(expect.arrayContaining(['frame sent', 'frame received', 'model input', 'page']))
  expect(heard.filter((place) => !/^(frame|model input|page|file countersign\.db|storage)/.test(place))).toEqual([])
})

/** Where the secrets could have been seen in a whole story. */
const everywhere = [
  'file countersign.db',
  'file countersign.db-wal',
  'file keys.json',
  'frame received',
  'frame sent',
  'model input',
  'page',
  'request',
  'response header',
  'response of /',
  'response of /api/me',
  'response of /auth/',
  'storage',
]

async function openRecordedChat(options: Parameters<typeof openStage>[0] & { intercept?: DemoProviderOptions['intercept'] }) {
  const evidence = new Evidence()
  const llm = await recordedModel(evidence)
  const stage = await openStage({ isRecorded: true, scopes, llm, evidence, ...options })
  await stage.serve()
  const person = await stage.person()
  await person.openChat()
  return { stage, person, workflowFile: stage.workflowFile }
}

/** Takes down what does not come by itself; the workflow file is where the operator wrote the client secret. */
async function gather({ evidence, folder }: Stage, person: Person, workflowFile: string): Promise<void> {
  await evidence.notePage(person.page)
  await evidence.noteCookies(person.context)
  evidence.noteFiles(folder, workflowFile)
}

/** The server's own keys, as its file holds them. */
function keysOf({ folder }: Stage): readonly string[] {
  const text = readFileSync(join(folder, '.countersign', 'keys.json'), 'utf8')
  return [...text.matchAll(/"key": ?"([^"]+)"/g)].map(([, key]) => key ?? '')
}

/** Each secret that was seen somewhere, and where. */
async function leaks({ evidence, tokens }: Stage, clientSecret: string | undefined): Promise<readonly string[]> {
  const secrets = [...tokens.secrets()].flatMap(([name, values]) => values.flatMap(searchable).map((value) => ({ name, value })))
  const all = clientSecret === undefined ? secrets : [...secrets, { name: 'client_secret', value: clientSecret }]
  const found = await Promise.all(
    all.map(async ({ name, value }) => (await evidence.placesOf(value)).map((place) => `${name} in ${place}`)),
  )
  return found.flat()
}

/** The head of an ID token is the same for everybody and no secret. */
function searchable(value: string): readonly string[] {
  const [, ...rest] = value.split('.')
  return rest.length === 2 ? rest : [value]
}

/** The provider's API, which now and then no longer knows a token that is still good. */
function forgetfulApi() {
  let isRefusing = false
  const intercept: NonNullable<DemoProviderOptions['intercept']> = (request, response) => {
    if (!isRefusing || request.url !== '/api/me') return false
    isRefusing = false
    response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end()
    return true
  }
  return {
    intercept,
    refuseOnce() {
      isRefusing = true
    },
  }
}
