import type { Runtime } from '../runtime/runtime.ts'
import type { Transaction } from '../store/store.ts'
import type { AuditEvent } from './audit-event.ts'
import { EMPTY_HEAD, links } from './chain.ts'

/** Appends one record to a chain that belongs to no conversation: `principal:<id>`, or `instance`. */
export async function appendToStream(
  transaction: Transaction,
  runtime: Pick<Runtime, 'now' | 'sha256'>,
  { stream, record }: { stream: string; record: AuditEvent },
): Promise<void> {
  const row = await transaction.updateOne('streams', { id: stream }, { number: { add: 1 } })
  const from = row ? { number: row.number - 1, head: row.head } : { number: 0, head: EMPTY_HEAD }
  const added = links(runtime, { stream, from }, [record])
  const head = added.at(-1)?.hash ?? from.head
  await transaction.insert('audits', ...added)
  if (row) await transaction.update('streams', { id: stream }, { head })
  else await transaction.insert('streams', { id: stream, number: 1, head })
  // Its row is held by this unit, so nobody else opens or signs its tail meanwhile.
  if (!(await transaction.get('tails', { id: stream }))) await transaction.insert('tails', { id: stream, signed: from.number })
}
