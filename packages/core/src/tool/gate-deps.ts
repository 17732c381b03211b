import type { AskingPace } from '../auth/asking-pace.ts'
import type { AuthProvider } from '../auth/auth-provider.ts'
import type { Receipts } from '../interaction/receipts.ts'
import type { Policy } from '../policy/policy.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Tool } from './tool.ts'

/** What the gate decides with. */
export interface GateDeps {
  readonly runtime: Runtime
  readonly tools: ReadonlyMap<string, Tool>
  /** Digests of the tools' schemas as they are now. */
  readonly toolDigests: Readonly<Record<string, string>>
  readonly providers: ReadonlyMap<string, AuthProvider>
  readonly policy: Policy
  /** By which an answer is known to be a person's. */
  readonly receipts: Receipts
  readonly limits: GateLimits
}

export interface GateLimits extends AskingPace {
  /** How long a question waits, milliseconds, when it does not say. */
  readonly questionTimeoutMs: number
  /** How long a sign-in may take, milliseconds. Default 10 minutes: no OAuth state should live longer. */
  readonly consentTimeoutMs: number
  /** How often one call may lead to a new sign-in before its tool gets the API's refusal. */
  readonly authorizationsPerCall: number
  /** How many questions one person may have open: a run's further ones wait for their turn. */
  readonly openQuestions: number
}

export const DEFAULT_GATE_LIMITS: GateLimits = {
  questionTimeoutMs: 15 * 60_000,
  consentTimeoutMs: 10 * 60_000,
  authorizationsPerCall: 3,
  openQuestions: 5,
  signInsPerMinute: 10,
  declineCoolDownMs: 5_000,
  pushesPerMinute: 3,
  pushesAskedPerMinute: 10,
  pushCoolDownMs: 60_000,
}
