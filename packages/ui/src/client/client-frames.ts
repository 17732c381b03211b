import type { InteractionResponse, JsonValue, UserInteractionMessage, UserMessage } from '@countersign/core/protocol'

/** The frame that says something new in a conversation; `id` comes back in the log as `messageId`. */
export function userMessage(conversationId: string, id: string, text: string): UserMessage {
  return { type: 'user_message', schema_type: 'chat_stream', id, conversation_id: conversationId, content: userContent(text) }
}

/** The frame that carries a person's response to one question. */
export function interactionMessage(
  address: { readonly conversationId: string; readonly interactionId: string; readonly id: string },
  response: InteractionResponse,
): UserInteractionMessage {
  return {
    type: 'user_interaction_message',
    id: address.id,
    conversation_id: address.conversationId,
    thread_id: address.interactionId,
    interaction_id: address.interactionId,
    action: response.action,
    ...(response.action === 'accept' && response.answer !== null && { answer: response.answer }),
    ...(response.action === 'decline' && response.reason !== undefined && { reason: response.reason }),
    content: userContent(responseText(response)),
  }
}

/** NAT reads the answer from the text; ours reads `answer` first. */
function responseText(response: InteractionResponse): string {
  switch (response.action) {
    case 'accept':
      return answerText(response.answer)
    case 'decline':
      return response.reason ?? ''
    case 'cancel':
    case 'resend':
      return ''
  }
}

function answerText(answer: JsonValue): string {
  if (answer === null) return ''
  if (typeof answer === 'string') return answer
  return Array.isArray(answer) ? answer.join(', ') : JSON.stringify(answer)
}

function userContent(text: string): UserMessage['content'] {
  return { messages: [{ role: 'user', content: [{ type: 'text', text }] }] }
}
