import type { JsonValue } from './json.ts'
import type { ErrorMessage } from './nat-frames.ts'
import type { LoggedEvent } from './run-event.ts'

/** The WebSocket subprotocol under which a client gets run events instead of NAT's frames. */
export type Subprotocol = 'countersign.v1'

interface TextPart {
  readonly type: 'text'
  readonly text: string
}

interface MessageContent {
  readonly messages: readonly { readonly role: 'user' | 'assistant' | 'system' | 'tool'; readonly content: readonly TextPart[] }[]
}

/** Starts a run: NAT's `user_message`. A newer one cancels the conversation's running run. */
export interface UserMessage {
  readonly type: 'user_message'
  readonly schema_type: 'generate' | 'generate_stream' | 'chat' | 'chat_stream'
  readonly id: string
  readonly conversation_id: string
  readonly content: MessageContent
  readonly timestamp?: string
}

/** Answers a question: NAT's `user_interaction_message` with the optional extras of ours. */
export interface UserInteractionMessage {
  readonly type: 'user_interaction_message'
  readonly id: string
  readonly conversation_id: string
  /** The interaction's id; clients that do not echo it answer the conversation's single open question. */
  readonly thread_id?: string
  readonly parent_id?: string
  /** Ours: the interaction's id. */
  readonly interaction_id?: string
  /** Ours: what the person did; absent means accept. */
  readonly action?: 'accept' | 'decline' | 'cancel' | 'resend'
  /** Ours: why the person declines, in their words. */
  readonly reason?: string
  /** Ours: several values for a checkbox. */
  readonly answer?: JsonValue
  readonly content?: MessageContent
}

/** Ours: stop the conversation's running run. */
export interface CancelMessage {
  readonly type: 'cancel_message'
  readonly conversation_id: string
}

/** Ours: follow a conversation from a sequence number on; the server first sends everything after `last_seq`. */
export interface ResumeMessage {
  readonly type: 'resume_message'
  readonly conversation_id: string
  readonly last_seq: number
}

export type ClientFrame = UserMessage | UserInteractionMessage | CancelMessage | ResumeMessage

/** Ours: one event of the conversation's log. */
export interface EventMessage extends LoggedEvent {
  readonly type: 'event_message'
  readonly conversation_id: string
  /** The `seq` of the event before it, where those between are no longer kept: later events say again what they said. */
  readonly after?: number
}

/** Ours: the log is no longer kept up to `seq`. What a client shows of it is over; all that is left follows, from the next event on. */
export interface SnapshotMessage {
  readonly type: 'snapshot_message'
  readonly conversation_id: string
  readonly seq: number
}

/** Ours: everything up to `seq` was sent; what follows is live. */
export interface CaughtUpMessage {
  readonly type: 'caught_up_message'
  readonly conversation_id: string
  readonly seq: number
}

/** Ours: the server stops soon; reconnect. It is about the connection, so it alone has no `seq`. */
export interface DrainingMessage {
  readonly type: 'draining_message'
}

/** What the server sends under the subprotocol `countersign.v1`. */
export type ServerFrame = EventMessage | SnapshotMessage | CaughtUpMessage | DrainingMessage | ErrorMessage
