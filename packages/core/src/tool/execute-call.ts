import type { AuthProvider } from '../auth/auth-provider.ts'
import type { TokenVault } from '../auth/token-vault.ts'
import { vaultKey } from '../auth/vault-entry.ts'
import { type ErrorCode, isCountersignError } from '../errors.ts'
import type { JsonValue } from '../protocol/json.ts'
import { errorFacts } from '../runtime/error-facts.ts'
import type { AuthorizationRow } from '../store/rows.ts'
import { isSettledNo } from './admit-authorised.ts'
import { requirementFor } from './at-gate.ts'
import { authorisedFetch } from './authorised-fetch.ts'
import { CallContext, type CallEntry, type Suspension } from './call-context.ts'
import { redactSecrets } from './redact.ts'
import { type Refusal, refusal } from './refusal.ts'
import type { Tool } from './tool.ts'

/** What became of one entry of a call. */
export type CallOutcome =
  | { readonly kind: 'result'; readonly output: JsonValue }
  | { readonly kind: 'refusal'; readonly refusal: Refusal }
  | { readonly kind: 'suspended'; readonly suspension: Suspension }

/** With what the gate runs an admitted call. */
export interface ExecuteDeps {
  readonly vault: TokenVault
  readonly providers: ReadonlyMap<string, AuthProvider>
  readonly redirectUri: string
  readonly authorizationsPerCall: number
}

/** Runs the tool's code for an admitted call. Its errors become closed codes: nothing of our insides reaches the model. */
export async function executeCall(
  tool: Tool,
  entry: CallEntry & { authorizations: readonly AuthorizationRow[] },
  deps: ExecuteDeps,
): Promise<CallOutcome> {
  const tokens: string[] = []
  const input = tool.input.parse(entry.call.input)
  // The same shape comes back: only texts change.
  const redact = <T>(value: T): T => redactSecrets(value as JsonValue, tokens) as T
  const context = new CallContext(entry, { fetchFor: (call) => fetchFor(call, { tool, input, entry, deps, tokens }), redact })
  try {
    const output = await tool.execute(input, context)
    if (context.suspension) return { kind: 'suspended', suspension: context.suspension }
    return { kind: 'result', output: redact(asJson(output)) }
  } catch (error) {
    if (context.suspension) return { kind: 'suspended', suspension: context.suspension }
    return { kind: 'refusal', refusal: redact(refusalFor(tool, error, entry)) }
  } finally {
    context.end()
  }
}

interface FetchParts {
  readonly tool: Tool
  readonly input: unknown
  readonly entry: CallEntry & { authorizations: readonly AuthorizationRow[] }
  readonly deps: ExecuteDeps
  readonly tokens: string[]
}

function fetchFor(call: CallContext, { tool, input, entry, deps, tokens }: FetchParts): CallEntry['runtime']['fetch'] {
  const { run, runtime } = entry
  const requirement = requirementFor(tool, input, { providers: deps.providers, presence: run.presence })
  const provider = requirement && deps.providers.get(requirement.provider)
  if (!requirement || !provider) return (target, init) => runtime.fetch(target, { redirect: 'manual', ...init, signal: call.signal })
  const key = vaultKey(runtime, { provider, requirement, run, callId: call.callId })
  const attempts = entry.authorizations.filter((row) => row.vaultKey === key)
  const last = attempts.at(-1)
  const saidNo = last !== undefined && isSettledNo(last)
  const context = { runtime, principal: run.principal, redirectUri: deps.redirectUri, signal: call.signal }
  const attemptsLeft = saidNo ? 0 : deps.authorizationsPerCall - attempts.length
  return authorisedFetch(
    call,
    { requirement, provider, key, vault: deps.vault, context, attemptsLeft, onToken: (token) => tokens.push(token) },
    runtime.fetch,
  )
}

/** Codes whose sentence a person may read as it is: they say what a human did, not what is inside. */
const HUMAN: readonly ErrorCode[] = ['access_denied', 'cancelled', 'expired', 'invalid_token', 'insufficient_scope']

function refusalFor(tool: Tool, error: unknown, { run, call, runtime, signal }: CallEntry): Refusal {
  if (signal.aborted) return refusal('cancelled', 'cancelled', `"${tool.name}" was stopped.`)
  if (isCountersignError(error) && HUMAN.includes(error.code)) return refusal('refused', error.code, sentence(error.message))
  if (isCountersignError(error)) {
    // Its sentence may be the tool's own, with whatever the tool put in it.
    runtime.log.warn('tool refused', { tool: tool.name, run: run.id, call: call.id, code: error.code })
    return refusal('failed', error.code, error.code === 'upstream_failed' ? sentence(error.message) : `"${tool.name}" failed.`)
  }
  runtime.log.error('tool failed', { tool: tool.name, run: run.id, call: call.id, ...errorFacts(error) })
  return refusal('failed', 'tool_failed', `"${tool.name}" failed.`)
}

function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1)
  return /[.!?]$/.test(text) ? text : `${text}.`
}

/** What a tool returned, as JSON: dates and the like become what JSON makes of them, nothing becomes null. */
function asJson(output: unknown): JsonValue {
  return output === undefined ? null : (JSON.parse(JSON.stringify(output) ?? 'null') as JsonValue)
}
