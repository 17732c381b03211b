import type { Sealer } from '../auth/sealer.ts'
import type { TokenVault } from '../auth/token-vault.ts'
import type { Receipts } from '../interaction/receipts.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Store } from '../store/store.ts'
import { DEFAULT_GATE_LIMITS, type GateLimits } from '../tool/gate-deps.ts'
import type { Workflow } from './workflow.ts'

/** What runs need of the world. One process has one of these. */
export interface RunDeps {
  readonly store: Store
  readonly runtime: Runtime
  readonly sealer: Sealer
  readonly vault: TokenVault
  readonly receipts: Receipts
  /** This process, in the run rows: unique, also after a restart. */
  readonly owner: string
  /** The workflow of that name. Asked inside units: what it needs of libraries it imports later, on first use. @throws CountersignError `not_found` */
  readonly workflow: (name: string) => Workflow
  /** Our own address that leads to the authorization server of a sign-in question. */
  readonly startUrl: (interactionId: string) => string
  /** Where authorization servers send browsers back to. */
  readonly redirectUri: string
  readonly limits: RunLimits
}

export interface RunLimits extends GateLimits {
  /** How long a holder may be silent before another takes its run over, milliseconds. */
  readonly leaseMs: number
  /** How long a cancelled run waits for a call that is already executing, milliseconds. */
  readonly cancelGraceMs: number
  /** For how long token deltas are gathered into one event, milliseconds. */
  readonly deltaGatherMs: number
  /** How long the exchange of a one-time secret may take before its outcome counts as unknown, milliseconds. */
  readonly exchangeDeadlineMs: number
  /** The same for a poll, which the server may keep open for half a minute (CIBA Core §10.1.2). */
  readonly pollDeadlineMs: number
}

export const DEFAULT_RUN_LIMITS: RunLimits = {
  ...DEFAULT_GATE_LIMITS,
  leaseMs: 3_000,
  cancelGraceMs: 8_000,
  deltaGatherMs: 25,
  exchangeDeadlineMs: 20_000,
  pollDeadlineMs: 50_000,
}
