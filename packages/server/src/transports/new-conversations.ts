import type { Visitor } from '@countersign/core'
import type { RouteDeps } from '../routes/route-deps.ts'

const DAY_MS = 24 * 60 * 60_000

/** Whether a person has opened as many conversations in a day as they may, and this would be one more. */
export async function hasOpenedTooMany(
  { store, limits, runtime }: Pick<RouteDeps, 'store' | 'limits' | 'runtime'>,
  { principal }: Visitor,
  conversationId: string,
): Promise<boolean> {
  const limit = limits.max_new_conversations_per_day
  const ofToday = { principalId: principal.id, createdAt: { above: runtime.now() - DAY_MS } }
  return store.transact('new-conversation', async (transaction) => {
    if (await transaction.get('conversations', { id: conversationId })) return false
    const opened = await transaction.find('conversations', ofToday, { limit })
    return opened.length >= limit
  })
}
