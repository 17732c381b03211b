import type { Principal } from '../protocol/principal.ts'
import type { ConversationRow, InteractionRow } from '../store/rows.ts'

/** Somebody at a door of the server: a principal in one of its sessions. */
export interface Visitor {
  readonly principal: Principal
  readonly sessionId: string | null
}

/**
 * Whether the visitor may see, open and answer the question: a signed-in principal from any of its sessions, an anonymous one only from
 * the session that was asked. Possession of an id is never authority.
 */
export function mayAnswer(interaction: Pick<InteractionRow, 'principalId' | 'sessionId'>, visitor: Visitor): boolean {
  if (interaction.principalId !== visitor.principal.id) return false
  return visitor.principal.kind !== 'anonymous' || interaction.sessionId === visitor.sessionId
}

/** A conversation's id locates it, the visitor's session authorises: a signed-in principal from anywhere, an anonymous one from its session. */
export function ownsConversation(
  conversation: Pick<ConversationRow, 'principalId' | 'sessionId'>,
  { principal, sessionId }: Visitor,
): boolean {
  return conversation.principalId === principal.id && (principal.kind !== 'anonymous' || conversation.sessionId === sessionId)
}
