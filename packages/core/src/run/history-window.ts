import type { Message } from '../protocol/message.ts'

/**
 * The newest messages a model is shown: at most `limit`, and never the results of a reply that is not there. A window begins with a
 * user's message where one is in reach.
 */
export function historyWindow(messages: readonly Message[], limit: number): readonly Message[] {
  const newest = messages.slice(-limit)
  const firstUser = newest.findIndex((message) => message.role === 'user')
  if (firstUser !== -1) return newest.slice(firstUser)
  const firstReply = newest.findIndex((message) => message.role !== 'tool')
  return firstReply === -1 ? newest : newest.slice(firstReply)
}
