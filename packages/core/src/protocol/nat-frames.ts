import type { JsonValue } from './json.ts'

/** The error codes of `error_message`, as NAT names them. */
export type FrameErrorCode =
  | 'unknown_error'
  | 'workflow_error'
  | 'invalid_message'
  | 'invalid_message_type'
  | 'invalid_user_message_content'
  | 'invalid_data_content'
  | 'user_auth_error'

interface NatFrameBase {
  readonly id: string
  readonly thread_id: string
  readonly parent_id: string
  readonly conversation_id: string
  /** ISO 8601, the time of the event. */
  readonly timestamp: string
  /** The conversation's sequence number of the event behind this frame, or of the last one before it; an extra that NAT clients ignore. */
  readonly seq?: number
}

export interface SystemResponseMessage extends NatFrameBase {
  readonly type: 'system_response_message'
  readonly content: { readonly text: string | null }
  readonly status: 'in_progress' | 'complete'
}

export interface SystemIntermediateMessage extends NatFrameBase {
  readonly type: 'system_intermediate_message'
  readonly intermediate_parent_id: string
  readonly update_message_id: string
  /** Markdown whose inserted text is HTML-escaped. */
  readonly content: { readonly name: string; readonly payload: string }
  readonly status: 'in_progress'
}

export interface SystemInteractionMessage extends NatFrameBase {
  readonly type: 'system_interaction_message'
  readonly content: { readonly [key: string]: JsonValue }
  readonly status: 'in_progress'
}

export interface ErrorMessage extends NatFrameBase {
  readonly type: 'error_message'
  readonly content: { readonly code: FrameErrorCode; readonly message: string; readonly details: string }
  readonly status: 'in_progress'
}

/** What an `auth_message` is answered with: never a success, since who somebody is comes from a verified credential at the door. */
export interface AuthResponseMessage {
  readonly type: 'auth_response_message'
  readonly status: 'error'
  readonly user_id: null
  readonly payload: { readonly code: 'user_auth_error'; readonly message: string; readonly details: string }
  readonly timestamp: string
}

/** A frame a NAT client understands. */
export type NatFrame = SystemResponseMessage | SystemIntermediateMessage | SystemInteractionMessage | ErrorMessage
