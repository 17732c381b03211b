import type { Transaction, Where } from '../store/store.ts'

/** How many requests on other people's devices are looked past: a service may wait for many, each with its own limit. */
const MOST_ELSEWHERE = 100

/** How many questions are open that whoever they are put to answers themselves, up to `limit`: an approval on another device is not theirs to give. */
export async function countOpen(transaction: Transaction, where: Omit<Where<'interactions'>, 'state'>, limit: number): Promise<number> {
  const open = await transaction.find('interactions', { ...where, state: 'pending' }, { limit: limit + MOST_ELSEWHERE })
  return Math.min(limit, open.filter(({ question }) => question.kind !== 'backchannel').length)
}
