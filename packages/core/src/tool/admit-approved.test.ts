import { expect, test } from 'vitest'
import { z } from 'zod'
import { scriptedModel } from '../testing/scripted-model.ts'
import { settled } from '../testing/virtual-runtime.ts'
import { createWorld } from '../testing/world.ts'
import { defineTool } from './tool.ts'

test('a policy that fails permits nothing: the call is refused, nothing of the failure is told, and the run goes on', async () => {
  const effects: string[] = []
  const execute = async (): Promise<null> => (effects.push('paid'), null)
  const pay = defineTool({ name: 'pay', description: 'Pays.', input: z.object({}), execute })
  const model = scriptedModel([[{ call: 'pay' }], ['Sorry.']])
  const policy = (): never => {
    throw new TypeError('cannot read "limit" of hunter2')
  }
  const world = createWorld({ model, tools: [pay], policy })
  const runId = await world.say('Pay')
  await settled()
  expect((await world.run(runId)).state).toBe('done')
  expect(effects).toEqual([])
  expect(model.requests.at(-1)?.at(-1)).toMatchObject({ results: [{ status: 'refused', output: { error: 'policy_denied' } }] })
  expect(JSON.stringify([model.requests, world.runtime.logged])).not.toContain('hunter2')
})
