import type { RunLimits } from '@countersign/core'

/** What a dead process leaves behind is soon due: a soak has many deaths to wait for. */
export const SOAK_LIMITS: Partial<RunLimits> = { leaseMs: 600, exchangeDeadlineMs: 2_000, deltaGatherMs: 5 }
