import type { InteractionState, InteractionView, WaitProgress } from './interaction.ts'
import type { JsonValue } from './json.ts'

/** How a run can end. */
export type RunEnd = 'done' | 'failed' | 'cancelled'

/** How a tool call ended, in the order of increasing trouble. */
export type CallStatus = 'ok' | 'refused' | 'failed' | 'cancelled'

/**
 * One thing that happened in a run, named noun-verb. Each is one row of the conversation's log; a client that has seen all rows up to
 * a `seq` knows the whole state.
 */
export type RunEvent =
  /** A person's message was accepted and its run begins. `messageId` is the client's own id of the message. */
  | { readonly type: 'run-start'; readonly runId: string; readonly messageId: string; readonly text: string }
  /** A model was asked. Deltas and the end carry the same attempt; those of an older attempt of the same turn are void. */
  | { readonly type: 'reply-start'; readonly runId: string; readonly turn: number; readonly attempt: number }
  | { readonly type: 'token-delta'; readonly runId: string; readonly turn: number; readonly attempt: number; readonly text: string }
  /** The reply is complete: `text` is the whole text, which replaces whatever deltas said. */
  | { readonly type: 'reply-end'; readonly runId: string; readonly turn: number; readonly attempt: number; readonly text: string }
  | {
      readonly type: 'tool-start'
      readonly runId: string
      readonly callId: string
      readonly tool: string
      /** The arguments, redacted. */
      readonly input: JsonValue
    }
  /** The call stopped and waits for a human; it will continue. */
  | { readonly type: 'tool-wait'; readonly runId: string; readonly callId: string; readonly tool: string }
  | { readonly type: 'tool-progress'; readonly runId: string; readonly callId: string; readonly text: string }
  | {
      readonly type: 'tool-end'
      readonly runId: string
      readonly callId: string
      readonly tool: string
      readonly status: CallStatus
      /** The result, redacted; for a refusal or a failure the sentence the model is told. */
      readonly output: JsonValue
    }
  | { readonly type: 'interaction-open'; readonly runId: string; readonly interaction: InteractionView }
  /** Something about an open question changed: a problem to try again after, or none any more. */
  | { readonly type: 'interaction-update'; readonly runId: string; readonly interaction: InteractionView }
  /** An authorization server was asked to ring somebody's device; nothing is known yet. */
  | {
      readonly type: 'authorization-request'
      readonly runId: string
      readonly callId: string
      readonly tool: string
      readonly host: string
    }
  /** How the wait for somebody on another device goes on; the newest of a question replaces those before. */
  | { readonly type: 'authorization-wait'; readonly runId: string; readonly interactionId: string; readonly wait: WaitProgress }
  | {
      readonly type: 'interaction-close'
      readonly runId: string
      readonly interactionId: string
      readonly state: Exclude<InteractionState, 'pending'>
      /** A plain sentence: what happened and, where it helps, why. */
      readonly sentence: string
      /** Who ended it: a principal's id, or `system`; absent in records older than this member. */
      readonly by?: string
    }
  /** The run ended. `sentence` is for the person, present when the end is not simply the answer. */
  | { readonly type: 'run-end'; readonly runId: string; readonly state: RunEnd; readonly sentence?: string }

/** A run event at its place in the conversation's log. */
export interface LoggedEvent {
  /** 1, 2, 3 … without gaps in a conversation. */
  readonly seq: number
  /** Epoch milliseconds. */
  readonly at: number
  readonly event: RunEvent
}
