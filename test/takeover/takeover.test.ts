import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gate, paths, tokenBody } from '@countersign/core/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ChatPerson, endOf, nextQuestion, openQuestion } from '../faults/chat-person.ts'
import { bundleProgram } from '../soak/bundle.mjs'
import type { HeldRequest } from './held-outside.ts'
import { type TakeoverStage, halt, kill, openTakeoverStage, proceed } from './takeover-stage.ts'

const folder = mkdtempSync(join(tmpdir(), 'countersign takeover program '))
const roomy = { timeout: 60_000 }
let program = ''
beforeAll(async () => {
  program = await bundleProgram('../takeover/takeover-process', folder)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a server that is killed while a tool executes', roomy, () => {
  test('another one takes the run over: what was finished is not done again, an idempotent call is entered with the same key', async () => {
    const stage = await openTakeoverStage(program)
    const { outside } = stage
    const ada = await stage.person('idempotent')
    ada.say('m1', 'first safe')
    const [first, safe] = await Promise.all([outside.request('first'), outside.request('safe')])
    first.answer()
    await ada.seen((log) => log.find(({ event }) => event.type === 'tool-end'))
    stage.leadAwayFrom(safe.pid)
    kill(safe.pid)
    const again = await outside.request('safe', 2)
    expect([again.key, again.pid === safe.pid]).toEqual([safe.key, false])
    again.answer()
    expect(await ada.seen(endOf('m1'))).toBe('done')
    expect(outside.requests.map(({ tool }) => tool)).toEqual(['first', 'safe', 'safe'])
    expect(await outcomes(stage)).toEqual([
      ['first', 'done', 'ok', { by: first.pid }],
      ['safe', 'done', 'ok', { by: again.pid }],
    ])
    expect(await stage.findings()).toEqual([])
  })

  test.each([
    ['Run again', 'run', 2],
    ['Leave it', 'leave', 1],
  ])(
    'of any other the person is asked whether it is to run again; after "%s" it has run as often as they know',
    async (_label, value, times) => {
      const stage = await openTakeoverStage(program)
      const { outside } = stage
      const ada = await stage.person('risky')
      ada.say('m1', 'risky')
      const risky = await outside.request('risky')
      stage.leadAwayFrom(risky.pid)
      kill(risky.pid)
      const question = await ada.seen(openQuestion)
      expect(question.question.text).toBe('"risky" was interrupted and may have run. Run it again?')
      ada.answer(question, value)
      if (times === 2) (await outside.request('risky', 2)).answer()
      expect(await ada.seen(endOf('m1'))).toBe('done')
      expect(outside.requests.map(({ tool }) => tool)).toEqual(Array.from({ length: times }, () => 'risky'))
      expect(await stage.findings()).toEqual([])
    },
  )
})

describe('a server that is alive and has lost its lease', roomy, () => {
  test('stops its tool and writes nothing, and who has the run now is not disturbed', async () => {
    const { stage, ada, before, after } = await lostLease()
    proceed(before.pid)
    expect(await stage.outside.request('safe:stopped')).toMatchObject({ key: before.key, pid: before.pid })
    before.answer()
    await expectUndisturbed(stage, { ada, before, after })
  })

  test('writes nothing of what came while it was stopped, either', async () => {
    const { stage, ada, before, after } = await lostLease()
    before.answer()
    proceed(before.pid)
    await expectUndisturbed(stage, { ada, before, after })
  })
})

describe('a server that is killed while a one-time secret is on its way', roomy, () => {
  test('a code: another server sees that nobody knows what became of it, and asks for a new sign-in with the reason', async () => {
    const stage = await openTakeoverStage(program)
    const { provider } = stage
    const [one, other] = stage.pids
    stage.leadAwayFrom(other)
    const ada = await stage.person('code')
    ada.say('m1', 'who_am_i')
    const question = await ada.seen(openQuestion)
    const killed = gate()
    provider.script[paths.token] = async () => {
      await killed.opened
      return Response.json(tokenBody())
    }
    const asked = provider.arrival(paths.token)
    const back = ada.browser.visit(startOf(question)).catch(() => undefined)
    await asked
    const [taken] = await stage.rows('authorizations')
    expect(taken?.state).toBe('exchanging')
    stage.leadAwayFrom(one)
    kill(one)
    killed.open()
    await back
    provider.script[paths.token] = () => Response.json(tokenBody())
    const again = await ada.seen((log) => nextQuestion(log, question))
    expect(again.again).toContain('was interrupted before it was finished')
    await ada.browser.visit(startOf(again))
    expect(await ada.seen(endOf('m1'))).toBe('done')
    expect((await stage.rows('authorizations')).map(({ state, failureCode }) => [state, failureCode])).toEqual([
      ['failed', 'outcome_unknown'],
      ['granted', null],
    ])
    const codes = provider.requests.flatMap(({ form }) => form.getAll('code'))
    expect(codes).toEqual([...new Set(codes)])
    expect(await stage.findings()).toEqual([])
  })
})

interface LostLease {
  /** In a tab that the other server serves. */
  readonly ada: ChatPerson
  readonly before: HeldRequest
  readonly after: HeldRequest
}

/** A server is stopped in the middle of a call for longer than its lease, and another one has entered the call again. */
async function lostLease(): Promise<LostLease & { readonly stage: TakeoverStage }> {
  const stage = await openTakeoverStage(program)
  const { outside } = stage
  const first = await stage.person('halted')
  first.say('m1', 'safe')
  const before = await outside.request('safe')
  stage.leadAwayFrom(before.pid)
  const ada = await stage.person('halted', first.browser)
  halt(before.pid)
  const after = await outside.request('safe', 2)
  expect([after.key, after.pid === before.pid]).toEqual([before.key, false])
  return { stage, ada, before, after }
}

/** The server that was stopped goes on as if nothing had happened; the other one ends what it has. */
async function expectUndisturbed(stage: TakeoverStage, { ada, before, after }: LostLease): Promise<void> {
  const [held] = await stage.rows('runs')
  await stage.askDatabase(before.pid)
  const [run] = await stage.rows('runs')
  expect([run?.owner, run?.fence]).toEqual([held?.owner, held?.fence])
  expect(await outcomes(stage)).toEqual([['safe', 'executing', null, null]])
  after.answer()
  expect(await ada.seen(endOf('m1'))).toBe('done')
  expect(await outcomes(stage)).toEqual([['safe', 'done', 'ok', { by: after.pid }]])
  expect(ada.tab.seen.filter(({ event }) => event.type === 'tool-end')).toHaveLength(1)
  expect(ada.tab.jumps).toEqual([])
  expect(stage.outside.requests.filter(({ tool }) => tool === 'safe')).toHaveLength(2)
  expect(await stage.findings()).toEqual([])
}

function startOf({ question }: NonNullable<ReturnType<typeof openQuestion>>): string {
  return question.kind === 'oauth_consent' ? question.consent.startUrl : ''
}

/** What the database holds of each call, by its place in the reply. */
async function outcomes(stage: TakeoverStage): Promise<readonly (readonly unknown[])[]> {
  const calls = await stage.rows('calls')
  return calls
    .toSorted((left, right) => left.ordinal - right.ordinal)
    .map(({ tool, state, status, output }) => [tool, state, status, output])
}
