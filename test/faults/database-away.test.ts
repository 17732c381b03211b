import { type InteractionView, systemRuntime } from '@countersign/core'
import { openPostgresStore } from '@countersign/server'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startCluster } from '../../tools/postgres-cluster.mjs'
import { type AwayStage, openAwayStage } from './away-stage.ts'
import { endOf, nextQuestion, openPerson, openQuestion } from './chat-person.ts'
import { openDatabaseProxy } from './database-proxy.ts'

/** Twice what the stage lets the database take: a connection, and an answer. */
const PATIENCE_MS = 2_000
/** On a machine that does much else, starting and stopping takes a while. */
const roomy = { timeout: 30_000 }
/** A person reads the log while it goes on. */
const MOST_LINES_A_SECOND = 10

let cluster: Awaited<ReturnType<typeof startCluster>>
beforeAll(async () => {
  cluster = await startCluster()
}, 60_000)
afterAll(() => cluster.stop())

describe('a database that answers nothing for a while', roomy, () => {
  test('while nobody does anything: the server says that it is not ready, lives, and is ready again', async () => {
    const stage = await opened()
    const ada = await stage.person('idle')
    await away(stage, async () => {
      expect(await stage.isAlive()).toBe(true)
    })
    ada.say('m1', 'note')
    expect(await ada.seen(endOf('m1'))).toBe('done')
    expectDone(stage, ['note'])
  })

  test('in the middle of a reply: the run is taken up, and what was said twice is marked so', async () => {
    const stage = await opened()
    const ada = await stage.person('streaming')
    ada.say('m1', 'note')
    await ada.next((frame) => frame.type === 'event_message' && frame.event.type === 'token-delta')
    await away(stage)
    expect(await ada.seen(endOf('m1'))).toBe('done')
    expectDone(stage, ['note'])
    expect(ada.tab.jumps).toEqual([])
  })

  test('while a message and an answer come: both are refused within seconds, and the same sent again is done once', async () => {
    const stage = await opened()
    const [ada, grace] = await Promise.all([stage.person('answering'), stage.person('speaking')])
    ada.say('m1', 'pay')
    const question = await ada.seen(openQuestion)
    await away(stage, async () => {
      const refusals = [ada, grace].map((person) => person.next(({ type }) => type === 'error_message'))
      const askedAt = Date.now()
      ada.answer(question, approvalOf(question))
      grace.say('m1', 'note')
      expect(await Promise.all(refusals)).toMatchObject(
        Array.from({ length: 2 }, () => ({ content: { details: 'The server could not do this now; try again.' } })),
      )
      expect(Date.now() - askedAt).toBeLessThan(PATIENCE_MS)
    })
    ada.answer(question, approvalOf(question))
    grace.say('m1', 'note')
    expect(await Promise.all([ada, grace].map((person) => person.seen(endOf('m1'))))).toEqual(['done', 'done'])
    expectDone(stage, ['note', 'pay'])
  })

  test('while a browser comes back from its sign-in: it is told to try again, and gets through', async () => {
    const stage = await opened()
    const ada = await stage.person('signing-in')
    ada.say('m1', 'visit')
    const question = await ada.seen(openQuestion)
    const start = question.question.kind === 'oauth_consent' ? question.question.consent.startUrl : ''
    const { next: authorize = '' } = await ada.browser.step(start)
    const { next: callback = '' } = await ada.browser.step(authorize)
    await away(stage, async () => {
      const { response } = await ada.browser.visit(callback)
      expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('The server could not do this now')])
    })
    const { response } = await ada.browser.visit(callback)
    await response.body?.cancel()
    // Whether the code was taken nobody knows: then the person is asked again, and told why.
    void ada
      .seen((log) => nextQuestion(log, question))
      .then(({ question: again }) => ada.browser.visit(again.kind === 'oauth_consent' ? again.consent.startUrl : ''))
    expect(await ada.seen(endOf('m1'))).toBe('done')
    expectDone(stage, ['visit'])
  })

  test('while a server starts: the start says so, and another try succeeds', async () => {
    const url = await cluster.createDatabase()
    cluster.pause()
    try {
      await expect(openAwayStage(url)).rejects.toMatchObject({
        code: 'storage_unavailable',
        message: expect.stringMatching(/^the database "postgres:.*" could not be used: the database did not answer in time$/),
      })
    } finally {
      cluster.resume()
    }
    expect(await (await openAwayStage(url)).readiness()).toEqual([200, 'ready'])
  })

  test('while a server stops: it stops all the same, within ten seconds', async () => {
    const stage = await opened()
    cluster.pause()
    const askedAt = Date.now()
    try {
      await stage.server.stop()
    } finally {
      cluster.resume()
    }
    expect(Date.now() - askedAt).toBeLessThan(10_000)
  })
})

test('a database that loses its power and comes back: servers go on by themselves, and what was told is there', roomy, async () => {
  const stage = await opened()
  const people = await Promise.all(['a', 'b', 'c', 'd'].map((name) => stage.person(`power-${name}`)))
  for (const person of people) person.say('m1', 'note')
  await people[0]?.seen((log) => log.find(({ event }) => event.type === 'token-delta'))
  await cluster.down()
  await expect.poll(stage.readiness, { timeout: 10_000 }).toEqual([503, 'storage_unavailable'])
  expect(await stage.isAlive()).toBe(true)
  await cluster.up()
  await expect.poll(stage.readiness, { timeout: 10_000 }).toEqual([200, 'ready'])
  for (const person of people) person.say('m1', 'note')
  expect(await Promise.all(people.map((person) => person.seen(endOf('m1'))))).toEqual(people.map(() => 'done'))
  expectDone(stage, ['note', 'note', 'note', 'note'])
  expect(people.flatMap(({ tab }) => tab.jumps)).toEqual([])
})

test('a database that ends all connections again and again: people notice nothing', roomy, async () => {
  const url = await cluster.createDatabase()
  const stage = watched(await openAwayStage(url))
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  onTestFinished(() => admin.end())
  const people = await Promise.all(['a', 'b', 'c', 'd'].map((name) => stage.person(`ended-${name}`)))
  for (const message of ['m1', 'm2', 'm3']) {
    for (const person of people) person.say(message, 'note')
    await people[0]?.seen((log) => log.find(({ event }) => event.type === 'run-start' && event.messageId === message))
    await admin.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    // What was said into the gap may have been refused; said again, it is the same message.
    for (const person of people) person.say(message, 'note')
    expect(await Promise.all(people.map((person) => person.seen(endOf(message))))).toEqual(people.map(() => 'done'))
  }
  expectDone(
    stage,
    Array.from({ length: 12 }, () => 'note'),
  )
  expect(people.flatMap(({ tab }) => tab.jumps)).toEqual([])
})

test('a tab that comes while its conversation cannot be read comes again by itself, and sees all of it', roomy, async () => {
  const url = await cluster.createDatabase()
  const stage = await openAwayStage(url)
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  onTestFinished(() => admin.end())
  const ada = await stage.person('late')
  ada.say('m1', 'note')
  await ada.seen(endOf('m1'))
  await admin.query('alter table events rename to events_elsewhere')
  const late = openPerson(stage.server.publicOrigin, 'late', ada.browser)
  await expect.poll(() => stage.lines.map(({ message }) => message), { timeout: 10_000 }).toContain('frame failed')
  await admin.query('alter table events_elsewhere rename to events')
  expect((await late).tab.seen).toEqual(ada.tab.seen)
})

test('a unit whose commit is confirmed to nobody is not run again: it may be done', roomy, async () => {
  const proxy = await openDatabaseProxy(await cluster.createDatabase())
  const store = await openPostgresStore({ url: proxy.url, runtime: systemRuntime() })
  onTestFinished(() => store.close())
  proxy.loseConfirmation('told-to-nobody')
  let attempts = 0
  const unsure = store.transact('unsure', (transaction) => {
    attempts += 1
    return transaction.insert('streams', { id: 'told-to-nobody', number: 1, head: '' })
  })
  await expect(unsure).rejects.toMatchObject({ code: 'storage_unavailable', message: expect.stringContaining('nobody knows whether') })
  const kept = await store.transact('read', (transaction) => transaction.find('streams', {}))
  expect([attempts, kept]).toEqual([1, [{ id: 'told-to-nobody', number: 1, head: '' }]])
})

test(
  'an answer whose commit is confirmed to nobody: the person is told to try again, then that it was taken, and nothing is done twice',
  roomy,
  async () => {
    const proxy = await openDatabaseProxy(await cluster.createDatabase())
    const stage = watched(await openAwayStage(proxy.url))
    const ada = await stage.person('unconfirmed')
    ada.say('m1', 'pay')
    const question = await ada.seen(openQuestion)
    const refusal = (): Promise<unknown> => ada.next(({ type }) => type === 'error_message')
    const refused = refusal()
    proxy.loseConfirmation(question.id)
    ada.answer(question, approvalOf(question))
    expect(await refused).toMatchObject({ content: { details: 'The server could not do this now; try again.' } })
    expect(proxy.lost).toBe(1)
    const told = refusal()
    ada.answer(question, approvalOf(question))
    expect(await told).toMatchObject({ content: { details: 'The question is over (answered); nothing was changed.' } })
    // The call stands there as begun, and whoever takes the run up cannot know that it was not.
    const rerun = await ada.seen((log) => nextQuestion(log, question))
    expect(rerun.question.text).toBe('"pay" was interrupted and may have run. Run it again?')
    ada.answer(rerun, 'run')
    expect(await ada.seen(endOf('m1'))).toBe('done')
    expectDone(stage, ['pay'])
  },
)

/** A stage on a database of its own. */
async function opened(): Promise<AwayStage> {
  return watched(await openAwayStage(await cluster.createDatabase()))
}

/** What it logs is little enough to be read. */
function watched(stage: AwayStage): AwayStage {
  onTestFinished(() => {
    const perSecond = new Map<number, number>()
    for (const { at } of stage.lines) perSecond.set(Math.floor(at / 1000), (perSecond.get(Math.floor(at / 1000)) ?? 0) + 1)
    expect(Math.max(0, ...perSecond.values())).toBeLessThanOrEqual(MOST_LINES_A_SECOND)
  })
  return stage
}

/** The database is away from when the server says so until `meanwhile` is over, and back when the server says that. */
async function away(stage: AwayStage, meanwhile: () => Promise<void> = async () => undefined): Promise<void> {
  cluster.pause()
  try {
    await expect.poll(stage.readiness, { timeout: 10_000 }).toEqual([503, 'storage_unavailable'])
    await meanwhile()
  } finally {
    cluster.resume()
  }
  await expect.poll(stage.readiness, { timeout: 10_000 }).toEqual([200, 'ready'])
}

function approvalOf({ question }: InteractionView): string {
  return 'options' in question ? (question.options[0]?.value ?? '') : ''
}

/** What was done outside, each deed by one key: repeated requests under the same key do nothing more. */
function expectDone({ outside }: AwayStage, tools: readonly string[]): void {
  const done = new Map(outside.deeds.filter(({ tool }) => !tool.includes(':')).map(({ key, tool }) => [key, tool]))
  expect([...done.values()].toSorted()).toEqual(tools.toSorted())
}
