import type { CallStatus, JsonValue } from '@countersign/core'

/** How a call ended, as far as it decides how its task ends. */
export interface CallOutcome {
  readonly tool: string
  readonly status: CallStatus
  readonly output: JsonValue
}

/** Why a task came to nothing though its run ended well: what a call was refused by, in its own words. */
export interface Shortfall {
  readonly state: 'rejected' | 'failed'
  readonly code: string
  readonly sentence: string
}

/** What a model got wrong itself, and may have mended with another call. */
const SLIPS: ReadonlySet<string> = new Set(['unknown_tool', 'invalid_arguments'])

/**
 * What the calls of a run that ended well come to, by their codes and never by the model's words. The last call of each tool counts: a refusal that was made good is
 * none. A person or a rule that said no makes it rejected, authority that was never given failed; and it failed when its last call did.
 * @param outcomes in the order in which the calls ended
 * @returns undefined when nothing stands against the answer
 */
export function shortfallOf(outcomes: readonly CallOutcome[]): Shortfall | undefined {
  const lastOfEach = new Map(outcomes.map((outcome) => [outcome.tool, outcome]))
  const unmade = [...lastOfEach.values()].flatMap((outcome) => refusalOf(outcome, outcome === outcomes.at(-1)))
  return unmade.find(({ state }) => state === 'rejected') ?? unmade[0]
}

function refusalOf({ status, output }: CallOutcome, isLast: boolean): readonly Shortfall[] {
  if (status === 'ok' || (status === 'failed' && !isLast)) return []
  const { error, message } = { error: 'tool_failed', message: 'It could not be done.', ...(isRefusal(output) && output) }
  if (SLIPS.has(error) && !isLast) return []
  const isNo = status === 'refused' && (error === 'access_denied' || error === 'policy_denied')
  return [{ state: isNo ? 'rejected' : 'failed', code: error, sentence: message }]
}

function isRefusal(output: JsonValue): output is { readonly error: string; readonly message: string } {
  if (typeof output !== 'object' || output === null || !('error' in output) || !('message' in output)) return false
  return typeof output.error === 'string' && typeof output.message === 'string'
}
