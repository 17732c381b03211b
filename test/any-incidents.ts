import type { Incidents } from '@countersign/core/testing'
import fc from 'fast-check'

/** It does not happen. */
export const never = fc.constant(undefined)
/** It happens after some step, or not at all. */
export const sometimes = fc.option(fc.integer({ min: 0, max: 25 }), { nil: undefined, freq: 2 })

const crash = fc.record({ transaction: fc.integer({ min: 1, max: 14 }), after: fc.boolean() })

/** A crash, a cancel, a newer message, an expiry and a pause in which a living holder loses its lease, in any combination. */
export const anyIncidents: fc.Arbitrary<Incidents> = fc.record({
  crashAt: fc.option(crash, { nil: undefined, freq: 2 }),
  cancel: sometimes,
  newerMessage: sometimes,
  expiry: sometimes,
  pause: sometimes,
  deny: fc.boolean(),
})
