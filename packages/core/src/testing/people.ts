import type { Visitor } from '../interaction/asker.ts'

/** Two browsers nobody is signed in to, and one of a user. */
export const people = {
  ada: { principal: { id: 'anonymous:ada', kind: 'anonymous', roles: [] }, sessionId: 'session-ada' },
  grace: { principal: { id: 'anonymous:grace', kind: 'anonymous', roles: [] }, sessionId: 'session-grace' },
  linus: { principal: { id: 'user:linus', kind: 'user', roles: [] }, sessionId: 'session-linus' },
} as const satisfies Record<string, Visitor>

/** Where a person of these stories talks. */
export function conversationOf({ principal }: Visitor): string {
  return `conversation:${principal.id}`
}
