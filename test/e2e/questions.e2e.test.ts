import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright'
import { describe, expect, test } from 'vitest'
import { asking } from './asking.ts'
import { ADA, type Person, signIn } from './person.ts'
import { auditRecords } from './rows.ts'
import { theatre } from './stage.ts'

const openStage = theatre()

interface Kind {
  readonly tool: string
  readonly question: string
  readonly answer: (card: Locator) => Promise<void>
  readonly got: string
  readonly record: string
}

describe('a question of each kind, as a card: its answer reaches the tool as it is, and stays in the record', () => {
  test.each<Kind>([
    {
      tool: 'text',
      question: 'What is your name?',
      async answer(card) {
        await card.getByRole('textbox').fill('Ada')
        await send(card, 'Send answer')
      },
      got: '["Ada"]',
      record: 'Answered: “Ada”.',
    },
    {
      tool: 'binary',
      question: 'Red or green?',
      answer: (card) => press(card, 'Green'),
      got: '["green"]',
      record: 'Answered: Green.',
    },
    {
      tool: 'radio',
      question: 'Which colour?',
      async answer(card) {
        await card.getByRole('radio', { name: 'Blue, dark' }).check()
        await send(card, 'Choose')
      },
      got: '["blue"]',
      record: 'Answered: Blue, dark.',
    },
    {
      tool: 'checkbox',
      question: 'Which colours?',
      async answer(card) {
        await card.getByRole('checkbox', { name: 'Red' }).check()
        await card.getByRole('checkbox', { name: 'Blue, dark' }).check()
        await send(card, 'Send choice')
      },
      got: '[["red","blue"]]',
      record: 'Answered: Red, Blue, dark.',
    },
    {
      tool: 'dropdown',
      question: 'Which of them?',
      async answer(card) {
        await card.getByRole('combobox').selectOption({ label: 'Red' })
        await send(card, 'Choose')
      },
      got: '["red"]',
      record: 'Answered: Red.',
    },
  ])('$tool', async ({ tool, question, answer, got, record }) => {
    const { person } = await openChat()
    await say(person, tool)
    const card = cardOf(person.page, question)
    await answer(card)
    await person.hears(`Got ${got}`)
    expect(await person.closedCards.innerText()).toContain(record)
    await person.page.reload()
    await person.hears(`Got ${got}`)
    expect(await person.closedCards.innerText()).toContain(record)
  })

  test('a notification is shown and stops nothing', async () => {
    const { person } = await openChat()
    await say(person, 'notification')
    await person.hears('Got [null]')
    expect(await person.closedCards.innerText()).toContain('The kitchen has been told.')
    expect(await person.card.count()).toBe(0)
  })

  test('a sign-in, while another question is open', async () => {
    const { person } = await openChat()
    await say(person, 'text who_am_i')
    await cardOf(person.page, 'What is your name?').waitFor()
    await signIn(await person.openPopup())
    await person.closedCards.getByText(/^Signed in at/).waitFor()
    await writeInto(cardOf(person.page, 'What is your name?'), 'Ada')
    await person.hears(`Got ["Ada",{`)
    await person.hears(ADA)
  })
})

test('two questions at once, answered in reverse order: each answer reaches the tool that asked', async () => {
  const { person } = await openChat()
  await say(person, 'text again')
  await writeInto(cardOf(person.page, 'And your second name?'), 'Augusta')
  await person.closedCards.getByText('Answered: “Augusta”.').waitFor()
  await writeInto(cardOf(person.page, 'What is your name?'), 'Ada')
  await person.hears('Got ["Ada","Augusta"]')
})

test('two tabs race: one answer counts, and both tabs show the same end', async () => {
  const { person, server } = await openChat()
  await say(person, 'radio')
  await cardOf(person.page, 'Which colour?').waitFor()
  // A tab that is opened from another begins with its conversation.
  const [other] = await Promise.all([person.page.waitForEvent('popup'), person.page.evaluate(() => void window.open(location.href))])
  const pages = [person.page, other]
  const cards = pages.map((page) => cardOf(page, 'Which colour?'))
  for (const [at, card] of cards.entries()) await card.getByRole('radio').nth(at).check()
  const buttons = await Promise.all(cards.map((card) => card.getByRole('button', { name: 'Choose' }).elementHandle()))
  await Promise.all(buttons.map((button) => button?.evaluate((element) => (element as HTMLButtonElement).click())))
  const ends = pages.map((page) => page.locator('countersign-question-card .closed .decided'))
  await Promise.all(ends.map((end) => end.waitFor()))
  const [first, second] = await Promise.all(ends.map((end) => end.innerText()))
  expect(second).toBe(first)
  expect(['Answered: Red.', 'Answered: Green.']).toContain(first)
  await person.hears(first === 'Answered: Red.' ? 'Got ["red"]' : 'Got ["green"]')
  expect(await auditRecords(server.store, 'answer')).toHaveLength(1)
})

test('a no to an approval, with its reason, reaches the model; nothing runs', async () => {
  const { person } = await openChat()
  await say(person, 'pay')
  await person.card.locator('details.reason summary').click()
  await person.card.getByRole('textbox').fill('too much')
  await press(person.card, 'Deny')
  await person.hears('and said:')
  await person.hears('too much')
  expect(await person.answers('paid').count()).toBe(0)
})

test('a question that expires says so in its own words, to the person and to the tool', async () => {
  const { person } = await openChat()
  await say(person, 'brief')
  await person.closedCards.getByText('The table is gone.').waitFor()
  await person.hears('Got [{"error":"expired","message":"The table is gone."}]')
})

test('a cancelled question is no answer, and the run goes on without one', async () => {
  const { person } = await openChat()
  await say(person, 'text')
  await cardOf(person.page, 'What is your name?').getByRole('button', { name: 'Cancel' }).click()
  await person.hears('"error":"cancelled"')
})

test('stop while two questions are open: both end, and the turn says that it was stopped', async () => {
  const { person, server } = await openChat()
  await say(person, 'text radio')
  await cardOf(person.page, 'Which colour?').waitFor()
  await person.page.getByRole('button', { name: 'Stop' }).click()
  await person.closedCards.getByText('Withdrawn: you stopped it.').nth(1).waitFor()
  await person.page.getByText('Stopped.', { exact: true }).first().waitFor()
  expect(await person.card.count()).toBe(0)
  const by = expect.stringMatching(/^anonymous:/)
  expect(await auditRecords(server.store, 'cancel')).toMatchObject([{ why: 'requested', by }])
})

test('a reload between question and answer changes nothing', async () => {
  const { person } = await openChat()
  await say(person, 'checkbox')
  await cardOf(person.page, 'Which colours?').waitFor()
  await person.page.reload()
  await cardOf(person.page, 'Which colours?').getByRole('checkbox', { name: 'Green' }).check()
  await send(cardOf(person.page, 'Which colours?'), 'Send choice')
  await person.hears('Got [["green"]]')
})

test('kill -9 between question and answer: a new server asks on, and what was answered before is not asked again', async () => {
  const plugin = new URL('../../examples/questions/dist/plugin.js', import.meta.url)
  const stage = await openStage({
    llm: { _type: 'keyword_router', answers: { plan_lunch: '{sentence}' } },
    functions: { plan_lunch: { _type: 'plan_lunch' } },
    pluginFile: fileURLToPath(plugin),
  })
  const first = await stage.spawn()
  const person = await stage.person()
  await person.openChat()
  await say(person, 'Plan the team lunch')
  await cardOf(person.page, 'Which kitchen is it today?').getByRole('radio', { name: 'Thai' }).check()
  await send(person.card, 'Choose')
  const next = cardOf(person.page, 'When does everybody have time?')
  await next.waitFor()
  await first.kill()
  await person.page.getByRole('button', { name: 'Retry now' }).waitFor()
  await stage.spawn()
  await next.getByRole('combobox').selectOption('13:00')
  await send(next, 'Choose')
  await cardOf(person.page, 'What must there be something for?').waitFor()
  expect(await person.closedCards.allInnerTexts()).toEqual([expect.stringContaining('Thai'), expect.stringContaining('13:00')])
})

async function openChat() {
  const stage = await openStage(asking)
  const server = await stage.serve()
  const person = await stage.person()
  await person.openChat()
  return { person, server }
}

/** Says something, also while a card has a field of its own. */
async function say(person: Person, text: string): Promise<void> {
  await person.page.locator('countersign-composer').getByRole('textbox').fill(text)
  await person.page.keyboard.press('Enter')
}

/** The open card of that question. */
function cardOf(page: Page, question: string): Locator {
  return page.locator('countersign-question-card section').filter({ hasText: question })
}

function send(card: Locator, button: string): Promise<void> {
  return card.getByRole('button', { name: button }).click()
}

async function writeInto(card: Locator, text: string): Promise<void> {
  await card.getByRole('textbox').fill(text)
  await send(card, 'Send answer')
}

/** One of two: until it is gone, for a button that has just appeared takes no press. */
async function press(card: Locator, name: string): Promise<void> {
  const button = card.getByRole('button', { name })
  await button.waitFor()
  while (await button.isVisible()) await button.click({ timeout: 1_000 }).catch(() => undefined)
}
