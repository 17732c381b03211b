import { expect, test } from 'vitest'
import { people } from '../testing/people.ts'
import { signInWorld } from '../testing/sign-in-world.ts'

const { ada } = people

test('a call that needs an approval and a sign-in runs once, as soon as it has both', async () => {
  const world = signInWorld({ tool: { risk: 'high', idempotent: false } })
  const process = world.spawn('a')
  const runId = await world.say(process, ada)
  const approval = await world.question(ada)
  await process.runs.answer(approval.id, { action: 'accept', answer: 'approve' }, ada)
  expect(world.api.tokens).toEqual([])
  await world.signIn(process, ada)
  expect((await world.ended(runId)).state).toBe('done')
  expect(world.api.tokens).toHaveLength(1)
  expect(await world.rows('receipts')).toMatchObject([{ approvedBy: ada.principal.id }])
})
