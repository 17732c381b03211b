import { type Store, defineTool, systemRuntime } from '@countersign/core'
import { type World, createWorld, scriptedModel } from '@countersign/core/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openSqliteStore } from './sqlite-store.ts'

const transfer = defineTool({
  name: 'transfer',
  description: 'Transfers money.',
  input: z.object({ amount: z.number() }),
  risk: 'high',
  execute: async ({ amount }) => ({ paid: amount }),
})

test('an approval cycle costs 5 commits and at most 45 statements in SQLite', async () => {
  const store = await openSqliteStore({ file: ':memory:', runtime: systemRuntime() })
  const model = scriptedModel([[{ call: 'transfer', input: { amount: 1 } }], Array.from({ length: 20 }, () => 'token ')])
  const world = createWorld({ model, tools: [transfer], store })
  await cycle(world)
  const { commits, statements, units } = await cycle(world)
  expect(commits).toBe(5)
  expect(statements).toBeLessThanOrEqual(45)
  // A unit is a turn of the event loop, also one that only reads.
  expect(units).toBe(5)
  await store.close()
})

/** Message, question, answer, result, reply. @returns what the two halves cost, without what the test reads in between */
async function cycle(world: World): Promise<{ units: number; commits: number; statements: number }> {
  const asked = await cost(world.store, 'interaction-open', () => world.say('pay'))
  const [question] = await world.openQuestions()
  const answered = await cost(world.store, 'run-end', () =>
    world.runs.answer(question?.id ?? '', { action: 'accept', answer: 'approve' }, world.ada),
  )
  return {
    units: asked.units + answered.units,
    commits: asked.commits + answered.commits,
    statements: asked.statements + answered.statements,
  }
}

/** What the store does until the log holds an event of this type. */
async function cost(
  store: Store,
  type: string,
  act: () => Promise<unknown>,
): Promise<{ units: number; commits: number; statements: number }> {
  const before = store.stats()
  const seen = new Promise<void>((resolve) => {
    const stop = store.subscribe('conversation', (_id, appended) => {
      if (!appended?.some(({ event }) => event.type === type)) return
      stop()
      resolve()
    })
  })
  await act()
  await seen
  const after = store.stats()
  return {
    units: after.units - before.units,
    commits: after.commits - before.commits,
    statements: after.statements - before.statements,
  }
}
