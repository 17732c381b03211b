import type { JsonObject } from '../protocol/json.ts'
import type { Principal } from '../protocol/principal.ts'

/** What a policy says of a call: let it run, refuse it, or ask the person first. */
export type Decision =
  | { readonly effect: 'permit' }
  | { readonly effect: 'deny'; readonly reason: string }
  | { readonly effect: 'ask'; readonly question: string }

/** A call before it runs. */
export interface PolicyRequest {
  readonly principal: Principal
  readonly tool: { readonly name: string; readonly description: string; readonly risk: 'low' | 'medium' | 'high' }
  readonly input: JsonObject
}

/** May this principal do this? Decides on what it is given, without looking elsewhere: it is asked inside a unit of work. */
export type Policy = (request: PolicyRequest) => Decision

/** Asks the person before tools of high risk, permits the rest. */
export const askBeforeHighRisk: Policy = ({ tool }) =>
  tool.risk === 'high' ? { effect: 'ask', question: `Allow "${tool.name}" to run with these arguments?` } : { effect: 'permit' }
