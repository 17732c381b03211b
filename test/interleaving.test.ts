import { memoryStore, type Store } from '@countersign/core'
import {
  brokenInvariants,
  type Incidents,
  playInterleaved,
  type Sabotage,
  sabotaged,
  type VirtualRuntime,
  virtualRuntime,
} from '@countersign/core/testing'
import { openSqliteStore } from '@countersign/server'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyIncidents, never } from './any-incidents.ts'

/** Nobody dies or changes their mind. */
const calm = { crashAt: never, cancel: never, newerMessage: never, expiry: never, deny: fc.boolean() }
const undisturbed: fc.Arbitrary<Incidents> = fc.record({ ...calm, pause: never })
/** Only that a living holder may be paused beyond its lease. */
const paused: fc.Arbitrary<Incidents> = fc.record({ ...calm, pause: fc.integer({ min: 3, max: 25 }) })

const stores = {
  memory: async (runtime: VirtualRuntime): Promise<Store> => memoryStore(runtime),
  // The watch over stuck units needs real time, which this runtime does not have.
  sqlite: (runtime: VirtualRuntime): Promise<Store> =>
    openSqliteStore({ file: ':memory:', runtime: { ...runtime, timer: () => () => undefined } }),
}

describe.each(['memory', 'sqlite'] as const)('runs in any order of steps, on %s,', (name) => {
  test('have one winner, one reply a turn, no second effect, and are never stuck', async () => {
    await fc.assert(story(name, anyIncidents), { numRuns: 400 })
  }, 120_000)

  test.each([
    ['lease', undisturbed],
    ['fence', paused],
    ['wake', undisturbed],
  ] as const)(
    'would not be without the %s',
    async (rule, happens) => {
      const result = await fc.check(story(name, happens, rule), { numRuns: 1_500, endOnFailure: true })
      expect(result.failed).toBe(true)
    },
    120_000,
  )
})

/** The story in any order of steps, on a store of its own. */
function story(name: keyof typeof stores, happens: fc.Arbitrary<Incidents>, rule?: Sabotage): fc.IAsyncProperty<[fc.Scheduler, Incidents]> {
  return fc.asyncProperty(fc.scheduler(), happens, async (scheduler, incidents) => {
    const runtime = virtualRuntime()
    const store = await stores[name](runtime)
    try {
      const door = rule ? sabotaged(store, rule) : store
      const seen = await playInterleaved({ stores: { a: door, b: door, c: door }, runtime, scheduler, incidents })
      expect(brokenInvariants(seen, incidents)).toEqual([])
    } finally {
      await store.close()
    }
  })
}
