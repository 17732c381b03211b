/** What a person says. The same id is the same message. */
export function userMessage(conversationId: string, id: string, text: string): object {
  const content = { messages: [{ role: 'user', content: [{ type: 'text', text }] }] }
  return { type: 'user_message', schema_type: 'chat_stream', id, conversation_id: conversationId, content }
}

/** What a person answers; `id` comes back in whatever the server says to it. */
export function userAnswer(conversationId: string, interactionId: string, { id, answer }: { id: string; answer: string }): object {
  return { type: 'user_interaction_message', id, conversation_id: conversationId, interaction_id: interactionId, answer }
}
