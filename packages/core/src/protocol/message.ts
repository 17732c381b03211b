import type { JsonObject, JsonValue } from './json.ts'
import type { CallStatus } from './run-event.ts'

/** A call as the model asked for it. */
export interface RequestedCall {
  /** Ours, unique: two models may both say `call_1`. */
  readonly id: string
  readonly tool: string
  readonly input: JsonObject
}

/** What became of a call, as the model is told. */
export interface CallResult {
  readonly callId: string
  readonly tool: string
  readonly status: CallStatus
  readonly output: JsonValue
}

/** One entry of a conversation's history. */
export type Message =
  | { readonly role: 'user'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly calls: readonly RequestedCall[] }
  /** The results of one reply's calls, in the order of the calls. */
  | { readonly role: 'tool'; readonly results: readonly CallResult[] }
