import { expect, test } from 'vitest'
import { createDatabase } from '../../tools/postgres-cluster.mjs'
import { factsOf, stateOf, wordsOf } from './agent-client.ts'
import { agentStage } from './agent-stage.ts'

const stores = [
  ['a SQLite file', async () => ({})],
  ['PostgreSQL', async () => ({ databaseUrl: await createDatabase() })],
] as const

test.each(stores)('on %s a phone that answers after a restart completes the task', async (_name, store) => {
  const { world, restart, client: open } = await agentStage(await store())
  const before = await open()
  const task = await before.ask('ring')
  await restart()
  const after = await open()
  expect(await after.get(task.id)).toEqual(task)
  world.phone = 'granted'
  expect(wordsOf(await after.until(task.id, 'completed'))).toBe('Done: [{"active":true}]')
  expect(world.effects).toHaveLength(1)
})

test.each(stores)('on %s a question is answered after a restart, and what had ended is told the same', async (_name, store) => {
  const { restart, client: open } = await agentStage(await store())
  const before = await open()
  const [ended, asked] = [await before.ask('Hello'), await before.ask('pick')]
  await restart()
  const after = await open()
  expect(await after.get(ended.id)).toEqual(ended)
  expect(await after.get(asked.id)).toEqual(asked)
  expect(stateOf(await after.ask('red', { taskId: asked.id }))).toBe('completed')
})

test('a stop ends streams and waiting requests at once, and loses nothing of their tasks', async () => {
  const { world, restart, client: open } = await agentStage()
  const client = await open()
  const digging = new Promise<void>((resolve) => {
    world.onDig = resolve
  })
  const waiting = client.ask('dig')
  await digging
  const task = await client.ask('ring')
  const states: string[] = []
  const following = (async () => {
    for await (const { payload } of client.follow(task.id)) if (payload?.$case === 'task') states.push(stateOf(payload.value))
  })()
  await expect.poll(() => states).toEqual(['auth-required'])
  const restarted = restart()
  await following
  expect(stateOf(await waiting)).toBe('working')
  world.stopDigging()
  await restarted
  expect(factsOf(await (await open()).get(task.id))).toMatchObject({ kind: 'backchannel' })
})

test('any server of the agent tells of a task, takes its answer, hears at once what another does, and never looks while another does', async () => {
  const one = await agentStage({ databaseUrl: await createDatabase() })
  const other = await agentStage({ beside: one.shared })
  const { world } = one
  // Longer than either server waits from look to look.
  world.lookMs = 120
  const [here, there] = [await one.client(), await other.client()]
  const [rung, asked] = [await here.ask('ring'), await here.ask('pick')]
  expect(await there.get(rung.id)).toEqual(rung)
  const followed = here.until(asked.id, 'completed')
  expect(wordsOf(await there.ask('blue', { taskId: asked.id }))).toBe('Done: [{"colour":"blue"}]')
  expect(wordsOf(await followed)).toBe('Done: [{"colour":"blue"}]')
  await expect.poll(() => world.looks.count, { timeout: 5_000 }).toBeGreaterThan(5)
  world.phone = 'granted'
  expect(wordsOf(await there.until(rung.id, 'completed'))).toBe('Done: [{"active":true}]')
  expect([world.effects.length, world.looks.mostAtOnce]).toEqual([1, 1])
})
