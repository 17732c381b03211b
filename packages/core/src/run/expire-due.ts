import { type Ledger, transactOn } from '../audit/ledger.ts'
import { LIVE, endAuthorization } from '../auth/authorization.ts'
import { settleInteraction } from '../interaction/interactions.ts'
import { wakeRun } from '../interaction/wake-run.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { AuthorizationRow } from '../store/rows.ts'
import type { Transaction } from '../store/store.ts'
import type { RunDeps } from './run-deps.ts'

/** How many rows one look takes: the next look is a second away. */
const BATCH = 100

/** Ends what has passed its deadline: a question is expired, never "declined"; an exchange nobody finished is of unknown outcome. */
export async function expireDue(deps: RunDeps): Promise<void> {
  const { store, runtime } = deps
  const now = runtime.now()
  const due = await store.transact('due', async (transaction) => ({
    questions: await transaction.find('interactions', { state: 'pending', expiresAt: { atMost: now } }, { limit: BATCH }),
    exchanges: await transaction.find(
      'authorizations',
      { state: 'exchanging', exchangeUntil: { atMost: transaction.now } },
      { limit: BATCH },
    ),
  }))
  for (const interaction of due.questions)
    await transactOn(deps, { name: 'expire', conversationId: interaction.conversationId }, async (transaction, ledger) => {
      const authorization = await transaction.get('authorizations', { interactionId: interaction.id })
      // A sign-in that is just being exchanged is not cut off: its own deadline is near.
      if (authorization?.state === 'exchanging') return
      const end = { state: 'expired', code: 'expired', by: 'system' } as const
      if (authorization) {
        await endAuthorization(transaction, ledger, { authorization, from: LIVE, end, runtime })
        return
      }
      const settled = await settleInteraction(transaction, ledger, { interaction, end: { state: 'expired', by: 'system' }, runtime })
      if (settled) await wakeRun(transaction, interaction.runId)
    })
  for (const authorization of due.exchanges)
    await transactOn(deps, { name: 'exchange-lost', conversationId: authorization.conversationId }, async (transaction, ledger) => {
      if (authorization.pollAt !== null && authorization.expiresAt > now) return pollAgain(transaction, authorization, now)
      if (authorization.pollAt !== null) return expirePolled(transaction, ledger, { authorization, runtime })
      const reason = 'The sign-in was interrupted before it was finished; nobody knows whether it went through.'
      const end = { state: 'failed', code: 'outcome_unknown', reason, by: 'system' } as const
      await endAuthorization(transaction, ledger, { authorization, from: ['exchanging'], end, runtime })
    })
}

/** A poll whose holder died: the request is as it was, and if its answer was lost, the server says so. */
async function pollAgain(transaction: Transaction, { id, owner, exchangeUntil }: AuthorizationRow, now: number): Promise<void> {
  const again = { state: 'waiting', owner: null, exchangeUntil: 0, pollAt: now } as const
  await transaction.update('authorizations', { id, state: 'exchanging', owner, exchangeUntil }, again)
}

/** Nobody could ask for it until its time was over, as when its provider is no longer configured. */
async function expirePolled(
  transaction: Transaction,
  ledger: Ledger,
  { authorization, runtime }: { authorization: AuthorizationRow; runtime: Runtime },
): Promise<void> {
  const { id, owner, exchangeUntil } = authorization
  if (!(await transaction.get('authorizations', { id, state: 'exchanging', owner, exchangeUntil }))) return
  const end = { state: 'expired', code: 'expired', by: 'system' } as const
  await endAuthorization(transaction, ledger, { authorization, from: ['exchanging'], end, runtime })
}
