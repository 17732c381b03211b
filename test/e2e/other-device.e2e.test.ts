import { HEADLESS_CLIENTS } from '@countersign/demo-provider'
import { defineFunction, definePlugin, defineTool, z } from '@countersign/server'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { ADA, type Person } from './person.ts'
import { type Stage, theatre } from './stage.ts'

/** What stands on both devices. */
const WORDS = 'Reports 4711'

const openStage = theatre()

test('the chat shows what is waited for, the phone says yes, and the answer comes', async () => {
  const { person, phone } = await asked()
  await person.card.getByText(WORDS).waitFor()
  await phone.getByText(WORDS).waitFor()
  await phone.getByRole('button', { name: /^Approve/ }).click()
  await person.hears(ANSWER)
  await person.closedCards.getByText('Approved on the other device.').waitFor()
})

test('a server that pings is not waited for until the next poll', async () => {
  const { person, phone } = await asked('cibaPing', 60)
  await phone.getByRole('button', { name: /^Approve/ }).click()
  await person.hears(ANSWER)
})

test('a no on the phone is told as a no, and the phone is left alone', async () => {
  const { person, phone } = await asked()
  await phone.getByRole('button', { name: 'Deny' }).click()
  await person.closedCards.getByText('The request was denied on the other device.').waitFor()
  await person.ask(QUESTION)
  await person.hears('declined on their device')
  expect(await phone.getByRole('button', { name: 'Deny' }).count()).toBe(0)
})

test('a server that ends while the phone rings finds the approval when it is back', async () => {
  const { stage, person, phone, server } = await asked()
  await server.stop()
  await phone.getByRole('button', { name: /^Approve/ }).click()
  await stage.serve()
  await person.hears(ANSWER)
})

test('who waits may stop waiting, and a yes that comes later changes nothing', async () => {
  const { person, phone } = await asked()
  await person.card.getByRole('button', { name: 'Cancel' }).click()
  await person.closedCards.waitFor()
  await phone.getByRole('button', { name: /^Approve/ }).click()
  await person.ask('Are you there?')
  await person.page.locator('countersign-markdown').last().waitFor()
  expect(await person.answers(ANSWER).count()).toBe(0)
})

test('a part that the phone leaves out is not enough, and nothing is read', async () => {
  const { person, phone } = await asked()
  await phone
    .getByRole('checkbox', { name: /reports/i })
    .first()
    .uncheck()
  await phone.getByRole('button', { name: /^Approve/ }).click()
  await person.closedCards.getByText('Less was approved on the other device than the tool needs.').waitFor()
  expect(await person.answers(ANSWER).count()).toBe(0)
})

const ANSWER = 'There are 2 reports, the first is First quarter.'
const QUESTION = 'Which reports are there?'

/** A chat in which the question was asked, and Ada's phone, which rings. */
async function asked(
  client: 'ciba' | 'cibaPing' = 'ciba',
  pollIntervalSeconds = 1,
): Promise<{
  stage: Stage
  person: Person
  phone: Page
  server: Awaited<ReturnType<Stage['serve']>>
}> {
  const { clientId: client_id, clientSecret: client_secret } = HEADLESS_CLIENTS[client]
  const delivery_mode = client === 'ciba' ? 'poll' : 'ping'
  const stage = await openStage({
    plugins: [reports],
    pollIntervalSeconds,
    functions: (issuer) => ({ reports: { _type: 'reports', api_url: `${issuer}/api/reports` } }),
    llm: { _type: 'keyword_router', answers: { reports: 'There are {count} reports, the first is {first}.' } },
    authentication: (issuer) => ({ phone: { _type: 'oidc_ciba', issuer, client_id, client_secret, delivery_mode } }),
  })
  const server = await stage.serve()
  const person = await stage.person()
  await person.openChat()
  const phone = await ringing(stage)
  await person.ask(QUESTION)
  await person.card.waitFor()
  await phone.getByRole('button', { name: /^Approve/ }).waitFor()
  return { stage, person, phone, server }
}

/** The page of Ada's phone, signed in, in another browser. */
async function ringing(stage: Stage): Promise<Page> {
  const { page } = await stage.person({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
  await page.goto(`${stage.provider.issuer}/phone`)
  await page.fill('input[name="login"]', ADA)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading').first().waitFor()
  return page
}

const read = z.object({ reports: z.array(z.object({ title: z.string() })) })

const reports = definePlugin({
  functions: [
    defineFunction({
      type: 'reports',
      config: z.strictObject({ api_url: z.url() }),
      create: ({ api_url }, name) =>
        defineTool({
          name,
          description: 'Lists the reports.',
          input: z.strictObject({}),
          auth: {
            provider: 'phone',
            loginHint: 'ada-lovelace',
            bindingMessage: WORDS,
            scopes: ['read:reports'],
            resource: api_url,
            origins: [new URL(api_url).origin],
          },
          examples: [QUESTION],
          async execute(_input, { fetch }) {
            const response = await fetch(api_url)
            const { reports: all } = read.parse(await response.json())
            return { count: all.length, first: all[0]?.title ?? 'none' }
          },
        }),
    }),
  ],
})
