import type { JsonObject } from '@countersign/core'
import type { ErrorMessage, SystemInteractionMessage, SystemIntermediateMessage, SystemResponseMessage } from '@countersign/core/protocol'

/** Where and when in a conversation a frame stands. */
export interface Stamp {
  readonly conversationId: string
  /** The id of the person's message that the frame belongs to. */
  readonly parentId: string
  /** Epoch milliseconds. */
  readonly at: number
  /** The place in the conversation's log of what the frame tells, or how far its client was told when it is not in the log. */
  readonly seq?: number | undefined
}

/** One step of what an agent does. Steps of one id and one name are one step in NAT's clients, and the later replaces the earlier. */
export interface Step {
  readonly id: string
  /** The id of the step it belongs to. */
  readonly parentId?: string
  readonly name: string
  /** Markdown, with everything inserted made plain. */
  readonly payload: string
}

/** A piece of the answer: NAT's clients put all pieces of a message together. */
export function textFrame(stamp: Stamp, id: string, text: string): SystemResponseMessage {
  return { ...base(stamp, id), type: 'system_response_message', content: { text }, status: 'in_progress' }
}

/** The last frame of a message: nothing is read after it. */
export function completeFrame(stamp: Stamp, id: string): SystemResponseMessage {
  return { ...base(stamp, id), type: 'system_response_message', content: { text: null }, status: 'complete' }
}

export function stepFrame(stamp: Stamp, { id, parentId = 'root', name, payload }: Step): SystemIntermediateMessage {
  return {
    ...base({ ...stamp, parentId }, id),
    type: 'system_intermediate_message',
    intermediate_parent_id: 'default',
    update_message_id: 'default',
    content: { name: escapeHtml(name), payload },
    status: 'in_progress',
  }
}

/** A question. Its id is the interaction's, also in `thread_id`, which NAT's clients send back with an answer. */
export function promptFrame(stamp: Stamp, interactionId: string, content: JsonObject): SystemInteractionMessage {
  return { ...base(stamp, interactionId), type: 'system_interaction_message', thread_id: interactionId, content, status: 'in_progress' }
}

export function errorFrame(stamp: Stamp, id: string, content: ErrorMessage['content']): ErrorMessage {
  return { ...base(stamp, id), type: 'error_message', content, status: 'in_progress' }
}

/** Text within markdown that stays what it is: NAT's clients show payloads as markdown with HTML in it. */
export function plainMarkdown(text: string): string {
  return escapeHtml(text.replaceAll(/[\\`*_[\]!#|~]/g, String.raw`\$&`))
}

/** A value under a title, as NAT shows what goes into a step and what comes out. */
export function jsonBlock(title: string, value: unknown): string {
  return `**${title}:**\n\`\`\`json\n${escapeHtml(JSON.stringify(value, null, 2)).replaceAll('```', '` ` `')}\n\`\`\``
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function base({ conversationId, parentId, at, seq }: Stamp, id: string) {
  return {
    id,
    thread_id: 'default',
    parent_id: parentId,
    conversation_id: conversationId,
    timestamp: new Date(at).toISOString(),
    ...(seq !== undefined && { seq }),
  }
}
