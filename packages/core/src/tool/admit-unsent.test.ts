import { describe, expect, test } from 'vitest'
import { Runs } from '../run/runs.ts'
import { mortal } from '../testing/mortal.ts'
import { phoneWorld, runEnded, SECOND } from '../testing/phone-world.ts'
import { runDeps } from '../testing/world.ts'

describe('a process that died while it asked for a device to ring', () => {
  test.each([
    ['send', 2, { status: 'ok' }],
    ['leave', 1, { status: 'failed', output: { error: 'outcome_unknown' } }],
  ])('leaves a question, since it may have rung: %s', async (answer, times, result) => {
    const { phone, world, parts, passes, told, wait } = phoneWorld()
    const first = mortal('/none', { point: 2, side: 'before' })
    const dying = new Runs(runDeps(parts, { runtime: world.runtime, store: first.door(world.store), owner: 'dying' }))
    const { runId } = await dying.start({
      workflow: 'test',
      conversationId: 'conversation-1',
      messageId: 'm',
      text: 'Go',
      visitor: world.ada,
    })
    await first.death
    expect(phone.rung).toHaveLength(1)
    await passes(3 * SECOND)
    await wait()
    phone.answer = 'granted'
    await world.answer({ action: 'accept', answer })
    await passes(7 * SECOND)
    await runEnded(world, runId)
    expect(phone.rung).toHaveLength(times)
    expect(told()).toMatchObject([result])
  })
})
