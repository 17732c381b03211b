import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memoryStore } from '../store/memory-store.ts'
import { type Sabotage, sabotaged } from '../testing/faulty-store.ts'
import { brokenInvariants } from '../testing/interleaving-invariants.ts'
import { type Incidents, playInterleaved } from '../testing/interleaving.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'

const sometimes = fc.option(fc.integer({ min: 0, max: 25 }), { nil: undefined, freq: 2 })

const incidents: fc.Arbitrary<Incidents> = fc.record({
  crashAt: fc.option(fc.record({ transaction: fc.integer({ min: 1, max: 14 }), after: fc.boolean() }), { nil: undefined }),
  cancel: sometimes,
  newerMessage: sometimes,
  expiry: sometimes,
  pause: sometimes,
  deny: fc.boolean(),
})

/** Nobody dies or changes their mind; only a living holder may be paused beyond its lease. */
const calm = {
  crashAt: fc.constant(undefined),
  cancel: fc.constant(undefined),
  newerMessage: fc.constant(undefined),
  expiry: fc.constant(undefined),
}
const onlyPause = fc.record({ ...calm, pause: fc.integer({ min: 3, max: 25 }), deny: fc.boolean() })
const undisturbed = fc.record({ ...calm, pause: fc.constant(undefined), deny: fc.boolean() })

/** The story in any order of steps, on a store of its own. */
function property(happens: fc.Arbitrary<Incidents>, rule?: Sabotage): fc.IAsyncProperty<unknown> {
  return fc.asyncProperty(fc.scheduler(), happens, async (scheduler, what) => {
    const runtime = virtualRuntime()
    const store = memoryStore(runtime)
    const seen = await playInterleaved({ store: rule ? sabotaged(store, rule) : store, runtime, scheduler, incidents: what })
    expect(brokenInvariants(seen, what)).toEqual([])
  })
}

describe('runs in any order of steps', () => {
  test('have one winner, one reply a turn, no second effect, and are never stuck', async () => {
    await fc.assert(property(incidents), { numRuns: 400 })
  }, 120_000)

  test.each([
    ['lease', undisturbed],
    ['fence', onlyPause],
    ['wake', undisturbed],
  ] as const)(
    'would not be without the %s',
    async (rule, happens) => {
      const result = await fc.check(property(happens, rule), { numRuns: 1_000, endOnFailure: true })
      expect(result.failed).toBe(true)
    },
    120_000,
  )
})
