import type { RunLimits } from '@countersign/core'

/** What a process leaves behind that died or was stopped is soon due. */
export const TAKEOVER_LIMITS = { leaseMs: 900, exchangeDeadlineMs: 1_500, deltaGatherMs: 5 } satisfies Partial<RunLimits>
