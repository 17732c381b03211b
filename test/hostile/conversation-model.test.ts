import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allCommands, nothingYet } from './conversation-commands.ts'
import { ConversationWorld } from './conversation-world.ts'
import { hostileStage } from './hostile-stage.ts'

/** RFC 6455 §7.4 and ours; 1005 and 1006: the other side ended without a word. */
const closeCodes = new Set([1000, 1001, 1002, 1005, 1006, 1007, 1008, 1009, 1012, 1013, 4401])

test('whatever two people and their connections do: each question ends once, the owner sees everything once and in order, a stranger nothing', async () => {
  const stage = await hostileStage({
    limits: { max_messages_per_10_seconds: 100_000, max_open_questions: 1_000, max_sockets_per_session: 100, close_timeout_seconds: 0.2 },
  })
  const cookies = { owner: await stage.newCookie(), stranger: await stage.newCookie() }
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.commands(allCommands, { maxCommands: 40, size: 'max' }), async (commands) => {
      run += 1
      const world = await ConversationWorld.open(stage, cookies, `conversation-${run}`)
      await fc.asyncModelRun(() => ({ model: nothingYet(), real: world }), commands)
      await world.checkWholeLog()
      await world.close()
      for (const code of world.closeCodes) expect(closeCodes).toContain(code)
    }),
    // A step that nobody answers is a failure, too, and its way there is shown.
    { numRuns: 30, timeout: 5_000, endOnFailure: true },
  )
  expect(await stage.isHealthy()).toBe(true)
  expect(stage.lines.filter((line) => line.includes('failed'))).toEqual([])
}, 60_000)
