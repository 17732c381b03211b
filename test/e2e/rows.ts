import type { Rows, Store } from '@countersign/core'

/** The rows that say how far a sign-in is, and what came of it. */
export interface SignInRows {
  readonly authorizations: readonly Rows['authorizations'][]
  readonly interactions: readonly Rows['interactions'][]
  readonly credentials: readonly Rows['credentials'][]
  readonly runs: readonly Rows['runs'][]
  readonly messages: readonly Rows['messages'][]
}

/** Reads them as they are now. */
export function signInRows(store: Store): Promise<SignInRows> {
  return store.transact('rows', async (transaction) => ({
    authorizations: await transaction.find('authorizations', {}),
    interactions: await transaction.find('interactions', {}),
    credentials: await transaction.find('credentials', {}),
    runs: await transaction.find('runs', {}),
    messages: await transaction.find('messages', {}),
  }))
}

/** The records of one type in the audit chains. */
export async function auditRecords(store: Store, type: string): Promise<readonly Rows['audits']['record'][]> {
  const rows = await store.transact('audits', (transaction) => transaction.find('audits', {}))
  return rows.flatMap(({ record }) => (record['type'] === type ? [record] : []))
}
