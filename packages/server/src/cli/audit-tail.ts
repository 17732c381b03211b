import { type AuditEntry, NewestEntries, type Store } from '@countersign/core'
import { setTimeout as sleep } from 'node:timers/promises'
import { auditLine, textOf } from './audit-line.ts'

/** How the tail of the audit is asked for. */
export interface TailFlags {
  readonly lines: number
  readonly follow?: boolean
  readonly stream?: string
  readonly type?: readonly string[]
  readonly json?: boolean
}

/** How often what came is looked for while it is followed, milliseconds. */
const PERIOD_MS = 500

/** Prints the newest entries, and goes on with what comes until the process is ended. */
export async function tailAudit(store: Store, { lines, follow, stream, type, json }: TailFlags): Promise<void> {
  const isShown = (entry: AuditEntry): boolean =>
    (type === undefined || type.includes(typeOf(entry))) && (stream === undefined || ('record' in entry && entry.record.stream === stream))
  // Whoever read this has seen enough: `… | head`.
  process.stdout.on('error', () => process.exit(0))
  const newest = new NewestEntries(store, { isShown, ...(stream !== undefined && { stream }) })
  const print = (entries: readonly AuditEntry[]): void => {
    for (const entry of entries) process.stdout.write(`${auditLine(entry, json === true)}\n`)
  }
  print(await newest.last(lines))
  if (follow !== true) return
  while (true) {
    await sleep(PERIOD_MS)
    print(await newest.next())
  }
}

function typeOf(entry: AuditEntry): string {
  return 'checkpoint' in entry ? 'checkpoint' : textOf(entry.record.record['type'])
}
