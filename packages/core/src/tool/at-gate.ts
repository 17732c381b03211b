import type { Ledger } from '../audit/ledger.ts'
import type { AuthProvider } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { Presence } from '../protocol/principal.ts'
import type { Journal } from '../store/journal.ts'
import type { AuthorizationRow, CallRow } from '../store/rows.ts'
import type { Transaction } from '../store/store.ts'
import type { GateDeps } from './gate-deps.ts'
import { type Refusal, refusal } from './refusal.ts'
import type { Tool } from './tool.ts'

/** What the gate says of a call. */
export type Admission =
  | { readonly kind: 'execute' }
  /** A question or a sign-in is open; nothing to do until it ends. */
  | { readonly kind: 'blocked' }
  /** An authorization was written down: its provider is to be asked. */
  | { readonly kind: 'begin'; readonly authorization: AuthorizationRow }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** A call at the gate, inside a unit of work. */
export interface AtGate {
  readonly transaction: Transaction
  readonly ledger: Ledger
  /** The unit's draft: the gate adds the rows it writes. */
  readonly journal: Journal
  readonly call: CallRow
  readonly tool: Tool
  readonly input: unknown
  readonly deps: GateDeps
  /** What this process itself has under way: calls it executes, authorizations it begins. */
  readonly inFlight: ReadonlySet<string>
  /** The authorizations that this very unit has written down: a found one that nobody asked for is not among them. */
  readonly begun: ReadonlySet<string>
}

/** For an answer that nobody is known to have given: it was written to the database by another way, or the key of its receipt is gone. */
export function refuseForged({ call, deps }: Pick<AtGate, 'call' | 'deps'>): Admission {
  deps.runtime.log.error('an answer has no valid receipt and permits nothing: it was changed, or its key is gone', {
    tool: call.tool,
    run: call.runId,
    call: call.id,
  })
  return { kind: 'refused', refusal: refusal('refused', 'invalid_receipt', 'The answer cannot be verified; ask again.') }
}

/**
 * The requirement of a tool for these arguments, at the provider that is right for who is there.
 * @throws CountersignError `invalid_config` when none is; whatever the tool throws
 */
export function requirementFor(
  tool: Tool,
  input: unknown,
  { providers, presence }: { readonly providers: ReadonlyMap<string, AuthProvider>; readonly presence: Presence },
): AuthRequirement | undefined {
  const requirement = typeof tool.auth === 'function' ? tool.auth(input) : tool.auth
  const chosen = requirement && providers.get(requirement.provider)?.choose?.(presence)
  return requirement && chosen !== undefined ? { ...requirement, provider: chosen } : requirement
}
