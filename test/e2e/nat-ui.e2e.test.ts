import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { asking } from './asking.ts'
import { NAT_COOKIE, type NatUi, type NatUiOptions, natUi } from './nat-ui.ts'
import { ADA, QUESTION, signIn } from './person.ts'
import { signInRows } from './rows.ts'
import { type Stage, type StageOptions, theatre } from './stage.ts'

const openStage = theatre()

test.each([
  ['nat_session, behind a gateway that keeps our cookies back', true, { keepsCookiesBack: true }],
  ['nat_session, behind its own gateway', true, {}],
  ['our own session, whose cookie its gateway brings', false, {}],
] as const)(
  "a person asks in NAT's own UI with %s: the tab opens by itself, and the UI says who they are",
  async (_by, natSession, options) => {
    const { stage, ui } = await openUi(natSession, options)
    const user = await ui.open((await stage.person()).context)
    const tab = await user.askAndFollow(QUESTION)
    const closed = tab.waitForEvent('close')
    await signIn(tab)
    await user.answers(ADA).waitFor()
    await closed
    await user.stop.waitFor({ state: 'hidden' })
    expect(await user.toasts).toEqual(['WebSocket connected'])
    await user.ask(QUESTION)
    await user.answers(ADA).nth(1).waitFor()
    expect(stage.provider.tokenRequests()).toBe(1)
  },
)

test('without nat_session, behind a gateway that keeps our cookies back, the tab that opens says whose sign-in it is not', async () => {
  const { stage, ui } = await openUi(false, { keepsCookiesBack: true })
  const user = await ui.open((await stage.person()).context)
  const tab = await user.askAndFollow(QUESTION)
  await tab.getByRole('heading', { name: 'This sign-in is not for this browser' }).waitFor()
  expect(stage.provider.tokenRequests()).toBe(0)
})

test('a stop is the next message: the first sign-in is over, the second completes, and each message ends once', async () => {
  const { stage, ui, store } = await openUi(true)
  const user = await ui.open((await stage.person()).context)
  const first = await user.askAndFollow(QUESTION)
  await user.stop.click()
  const second = await user.askAndFollow(QUESTION)
  const [replaced] = await prompts(stage)
  await first.goto(replaced?.content.text ?? '')
  await first.getByRole('heading', { name: 'This sign-in is over' }).waitFor()
  await signIn(second)
  await user.answers(ADA).waitFor()
  await user.stop.waitFor({ state: 'hidden' })
  const { interactions, runs } = await signInRows(store)
  expect(interactions.map(({ state }) => state)).toEqual(['cancelled', 'answered'])
  expect(runs.map(({ state }) => state)).toEqual(['cancelled', 'done'])
  const frames = await stage.evidence.at('frame received')
  expect(frames.filter((frame) => frame.includes('"status":"complete"'))).toHaveLength(2)
})

test('a reload in the middle: the question comes again with the time that is left, and the step has the link that browsers then do not open', async () => {
  holdTime()
  const { stage, ui } = await openUi(true)
  const user = await ui.open((await stage.person()).context)
  const tab = await user.askAndFollow(QUESTION)
  await tab.close()
  vi.setSystemTime(Date.now() + 500_000)
  await user.reload()
  const link = user.step('Asked: sign in at').getByRole('link')
  await link.waitFor()
  await expect.poll(async () => (await prompts(stage)).length).toBe(2)
  const [before, after] = await prompts(stage)
  expect(after).toMatchObject({ id: before?.id, content: { text: before?.content.text } })
  expect(before?.content.timeout).toBeGreaterThan(500)
  expect(after?.content.timeout).toBeLessThan(110)
  expect(after?.content.timeout).toBeGreaterThan(0)
  expect(user.page.context().pages()).toHaveLength(2)
  const [again] = await Promise.all([user.page.context().waitForEvent('page'), link.click()])
  await signIn(again)
  await user.answers(ADA).waitFor()
  await user.stop.waitFor({ state: 'hidden' })
})

test.each([true, false])(
  'what the UI has no controls for comes as what it has, and is asked again after a wrong answer (nat_session %s)',
  async (natSession) => {
    const { stage, ui } = await openUi(natSession, {}, asking)
    const user = await ui.open((await stage.person()).context)
    await user.ask('checkbox dropdown')
    await user.modal.getByRole('textbox').fill('yellow')
    await user.modal.getByRole('button').click()
    await user.page.getByText('the question stays open').waitFor()
    await user.modal.getByRole('textbox').fill('Blue, dark, Red')
    await user.modal.getByRole('button').click()
    await user.modal.getByLabel('Green').check()
    await user.modal.getByRole('button').click()
    await user.answers('Got [["blue","red"],"green"]').waitFor()
    await user.modal.waitFor({ state: 'hidden' })
  },
)

test("with both sessions the UI's socket is NAT's, our chat's stays ours, and each browser session has its own sign-in", async () => {
  const { stage, ui, store } = await openUi(true)
  const person = await stage.person()
  await person.openChat()
  const popup = await person.askAndOpen()
  const user = await ui.open(person.context)
  await signIn(await user.askAndFollow(QUESTION), 'Grace Hopper')
  await user.answers('Grace Hopper').waitFor()
  await signIn(popup)
  await person.hears(ADA)
  const { interactions } = await signInRows(store)
  expect(interactions.map(({ principalId, state }) => [principalId.startsWith('anonymous:nat:'), state])).toEqual([
    [false, 'answered'],
    [true, 'answered'],
  ])
})

test("the value of NAT's session is in no row, no file, no log line and no frame", async () => {
  const { stage, ui } = await openUi(true)
  const { context } = await stage.person()
  const user = await ui.open(context)
  await signIn(await user.askAndFollow(QUESTION))
  await user.answers(ADA).waitFor()
  stage.evidence.noteFiles(stage.folder, stage.workflowFile)
  const value = (await context.cookies()).find(({ name }) => name === NAT_COOKIE)?.value ?? ''
  // The UI's own cookie and its socket's address are where it lives: in its requests, and nowhere that we write.
  expect(await stage.evidence.placesOf(value)).toEqual(['socket address', 'request'])
  expect(await stage.evidence.places()).toEqual(expect.arrayContaining(['file countersign.db', 'frame received', 'log info']))
})

test.each([
  ['a session that is malformed', '?session=a%20b', (ui: NatUi) => ui.origin],
  ['two sessions', '?session=a&session=b', (ui: NatUi) => ui.origin],
  ['an origin that is not listed', '?session=abc', () => 'http://localhost:3999'],
  ['no origin', '?session=abc', () => undefined],
])('a socket with %s is refused at the handshake, under whatever Host', async (_what, query, originOf) => {
  const { stage, ui } = await openUi(true)
  const origin = originOf(ui)
  for (const host of [new URL(stage.origin).host, 'evil.example']) {
    const socket = new WebSocket(`${stage.origin.replace('http', 'ws')}/websocket${query}`, {
      ...(origin !== undefined && { origin }),
      headers: { host },
    })
    const answered = new Promise<number | undefined>((resolve) => {
      socket.once('unexpected-response', (request, response) => {
        resolve(response.statusCode)
        request.destroy()
      })
      socket.once('open', () => resolve(101))
      socket.on('error', () => undefined)
    })
    expect(await answered).toBe(403)
  }
})

/** The server with this UI listed and started before it. */
async function openUi(natSession: boolean, options: NatUiOptions = {}, stageOptions: StageOptions = {}) {
  const ui = await natUi(options)
  const stage = await openStage({ ...stageOptions, frontEnd: { cors: { allow_origins: [ui.origin] }, nat_session: natSession } })
  const { store } = await stage.serve()
  // By another name than the server's own, as the UI's own settings have it.
  await ui.start(stage.origin.replace('localhost', '127.0.0.1'))
  return { stage, ui, store }
}

/** From now on time can be made to pass. Timers stay as they are. */
function holdTime(): void {
  vi.useFakeTimers({ toFake: ['Date'], shouldAdvanceTime: true })
  onTestFinished(() => void vi.useRealTimers())
}

interface Prompt {
  readonly id: string
  readonly content: { readonly text: string; readonly timeout: number }
}

/** The questions that came, in their order. */
async function prompts({ evidence }: Stage): Promise<readonly Prompt[]> {
  const frames = await evidence.at('frame received')
  // What the server sent; the tests assert its shape.
  return frames.filter((frame) => frame.includes('system_interaction_message')).map((frame) => JSON.parse(frame) as Prompt)
}
