import { isLive, requirementOf } from '../auth/authorization.ts'
import type { AuthorizationRow } from '../store/rows.ts'
import type { RunUnit } from './end-run.ts'

/** What was granted for one call, or for one run, leaves the vault with it: nobody else could use it. One that another request still shares goes with the last of them. */
export async function dropCredentials({ transaction, journal }: RunUnit, over: { readonly callId: string } | 'run'): Promise<void> {
  const isOver = (row: AuthorizationRow): boolean =>
    row.state === 'granted' &&
    (over === 'run' ? requirementOf(row).reuse === 'run' : row.callId === over.callId && requirementOf(row).reuse === 'call')
  const keys: string[] = []
  for (const row of journal.authorizations.filter(isOver)) {
    // Whoever shares it may end in the same moment, in another conversation.
    if (row.sameDigest !== null) await transaction.lock(row.vaultKey)
    const followers = row.sameDigest === null ? [] : await transaction.find('authorizations', { leaderId: row.id })
    if (!followers.some(isLive)) keys.push(row.vaultKey)
  }
  if (keys.length > 0) await transaction.remove('credentials', { key: { oneOf: keys } })
}
