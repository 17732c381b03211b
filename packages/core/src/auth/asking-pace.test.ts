import { describe, expect, test } from 'vitest'
import { people } from '../testing/people.ts'
import { scriptedModel } from '../testing/scripted-model.ts'
import { type SignInProcess, type SignInWorld, signInWorld } from '../testing/sign-in-world.ts'

const { ada, grace } = people
const refused = (error: string, message: RegExp): object[] => [
  { status: 'refused', output: { error, message: expect.stringMatching(message) } },
]
const declinedBefore = refused('access_denied', /declined to sign in at login\.example a moment ago.*Do not try again/)

describe('a person who declined a sign-in', () => {
  test('is not asked again by the agent that tries at once, which is told to stop', async () => {
    const model = scriptedModel((messages) => {
      const results = messages.slice(messages.findLastIndex(({ role }) => role === 'user') + 1).filter(({ role }) => role === 'tool')
      return results.length < 2 ? [{ call: 'calendar' }] : ['So be it.']
    })
    const world = signInWorld({ model })
    await decline(world, world.spawn('one'))
    const outputs = (await world.rows('calls')).map(({ status, output }) => ({ status, output }))
    expect(outputs[1]).toMatchObject(declinedBefore[0] ?? {})
    expect(await asked(world)).toBe(1)
  })

  test('is asked again when they speak again, at once after the first no, after every further one later, whichever process would ask', async () => {
    const world = signInWorld({ limits: { declineCoolDownMs: 5_000 } })
    await decline(world, world.spawn('first'))
    for (const coolDown of [5_000, 10_000, 20_000]) {
      await world.runtime.advance(1)
      await decline(world, world.spawn(`another after ${coolDown}`))
      await world.runtime.advance(coolDown - 1)
      await world.ended(await world.say(world.spawn(`too soon after ${coolDown}`), ada))
      expect(world.told()).toMatchObject(declinedBefore)
    }
    expect(await asked(world)).toBe(4)
  })

  test('is asked as ever once they have said yes', async () => {
    const world = signInWorld({ limits: { declineCoolDownMs: 5_000 } })
    const process = world.spawn('one')
    await decline(world, process)
    await world.runtime.advance(1)
    await decline(world, process)
    await world.runtime.advance(5_000)
    await signIn(world, process)
    await disconnect(world)
    await decline(world, process)
    await world.runtime.advance(1)
    await signIn(world, process)
    expect(await asked(world)).toBe(5)
  })

  test('waits no longer than ten minutes to be asked, however often they declined', async () => {
    const world = signInWorld({ limits: { declineCoolDownMs: 400_000 } })
    const process = world.spawn('one')
    for (const passed of [1, 400_000, 600_000]) {
      await decline(world, process)
      await world.runtime.advance(passed)
    }
    await world.runtime.advance(1)
    await signIn(world, process)
  })

  test('is somebody else than the person beside them', async () => {
    const world = signInWorld()
    const process = world.spawn('one')
    await decline(world, process)
    await world.say(process, grace)
    expect(await world.question(grace)).toMatchObject({ state: 'pending' })
  })
})

test('a person is asked so many times in a minute to sign in at one provider, whatever becomes of it', async () => {
  const world = signInWorld({ limits: { signInsPerMinute: 3 } })
  const process = world.spawn('one')
  for (let times = 1; times <= 3; times += 1) {
    const runId = await world.say(process, ada)
    const { id } = await world.question(ada)
    await process.runs.answer(id, { action: 'cancel' }, ada)
    await world.ended(runId)
  }
  await world.ended(await world.say(process, ada))
  expect(world.told()).toMatchObject(refused('limit_exceeded', /asked too often.*Do not try again/))
  expect(await asked(world)).toBe(3)
  await world.runtime.advance(60_000)
  await signIn(world, process)
})

/** A sign-in that is asked for, and declined. */
async function decline(world: SignInWorld, process: SignInProcess): Promise<void> {
  const runId = await world.say(process, ada)
  const { id } = await world.question(ada)
  await process.runs.answer(id, { action: 'decline' }, ada)
  await world.ended(runId)
}

async function signIn(world: SignInWorld, process: SignInProcess): Promise<void> {
  const runId = await world.say(process, ada)
  await world.signIn(process, ada)
  await world.ended(runId)
}

/** What was signed in to is forgotten. */
async function disconnect(world: SignInWorld): Promise<void> {
  await world.store.transact('disconnect', (transaction) => transaction.remove('credentials', { principalId: ada.principal.id }))
}

/** How often Ada was asked. */
async function asked(world: SignInWorld): Promise<number> {
  return (await world.rows('interactions')).filter(({ principalId }) => principalId === ada.principal.id).length
}
