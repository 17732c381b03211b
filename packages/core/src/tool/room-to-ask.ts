import { isLive } from '../auth/authorization.ts'
import { countOpen } from '../interaction/open-questions.ts'
import type { AtGate } from './at-gate.ts'
import { type Refusal, refusal } from './refusal.ts'

/**
 * Whether a run may ask its person one more question now; `later`: once another of its own is answered. The first question of a run costs no look: whether there
 * is room for it is known at the door, where the run began. Two runs that ask in the same moment may both find room.
 */
export async function roomToAsk({
  transaction,
  journal,
  deps,
}: Pick<AtGate, 'transaction' | 'journal' | 'deps'>): Promise<'now' | 'later' | Refusal> {
  const { run, interactions, authorizations } = journal
  const { openQuestions: limit } = deps.limits
  // Where another's device rings, this person is asked nothing.
  const aboutToAsk = authorizations.filter((row) => row.interactionId === null && row.personDigest === null && isLive(row)).length
  const own = interactions.filter(({ state, question }) => state === 'pending' && question.kind !== 'backchannel').length + aboutToAsk
  if (own >= limit) return 'later'
  if (run.turn <= 1 && interactions.length + aboutToAsk === 0) return 'now'
  const open = await countOpen(transaction, { principalId: run.principal.id }, limit)
  if (open + aboutToAsk < limit) return 'now'
  if (own > 0) return 'later'
  return refusal(
    'refused',
    'limit_exceeded',
    'The person has too many questions open elsewhere. Say so; they can ask again once they have answered one.',
  )
}
