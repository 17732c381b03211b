import type { AuthProvider } from '../auth/auth-provider.ts'
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
  readonly limits: GateLimits
}

export interface GateLimits {
  /** How long a question waits, milliseconds, when it does not say. */
  readonly questionTimeoutMs: number
  /** How long a sign-in may take, milliseconds. Default 10 minutes: no OAuth state should live longer. */
  readonly consentTimeoutMs: number
  /** How often one call may lead to a new sign-in before its tool gets the API's refusal. */
  readonly authorizationsPerCall: number
}

export const DEFAULT_GATE_LIMITS: GateLimits = { questionTimeoutMs: 15 * 60_000, consentTimeoutMs: 10 * 60_000, authorizationsPerCall: 3 }
