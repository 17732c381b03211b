import { countOpen, type Visitor } from '@countersign/core'
import type { RouteDeps } from '../routes/route-deps.ts'

/**
 * Whether a person has as many questions open as they may have, and is to answer before they start more. Those of the conversation they speak in do not count: a
 * newer message ends them.
 */
export async function hasTooManyOpen(
  { store, limits }: Pick<RouteDeps, 'store' | 'limits'>,
  { principal }: Visitor,
  conversationId: string,
): Promise<boolean> {
  const elsewhere = { principalId: principal.id, conversationId: { not: conversationId } } as const
  const limit = limits.max_open_questions
  return (await store.transact('open-questions', (transaction) => countOpen(transaction, elsewhere, limit))) >= limit
}
