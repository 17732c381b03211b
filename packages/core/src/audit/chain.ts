import { toBase64url } from '../runtime/base64url.ts'
import { canonicalJson } from '../runtime/canonical-json.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { AuditRow } from '../store/rows.ts'
import type { AuditEvent } from './audit-event.ts'

/** The head of a chain without links. */
export const EMPTY_HEAD = ''

const encoder = new TextEncoder()

/** Where a chain stands. */
export interface ChainHead {
  readonly number: number
  readonly head: string
}

/**
 * The next links of a stream's hash chain. Link = SHA-256(0x00 ‖ canonical JSON of [stream, number, previous, at, record]), so that no two
 * different records have the same bytes.
 */
export function links(
  runtime: Pick<Runtime, 'now' | 'sha256'>,
  { stream, from }: { stream: string; from: ChainHead },
  records: readonly AuditEvent[],
): readonly AuditRow[] {
  const at = runtime.now()
  let { number, head } = from
  return records.map((record) => {
    number += 1
    const previous = head
    head = linkHash(runtime, { stream, number, previous, at, record })
    return { stream, number, at, previous, hash: head, record }
  })
}

/** The hash that a link must have. */
export function linkHash(runtime: Pick<Runtime, 'sha256'>, link: Omit<AuditRow, 'hash'>): string {
  const text = encoder.encode(canonicalJson([link.stream, link.number, link.previous, link.at, link.record]))
  const bytes = new Uint8Array(text.length + 1)
  bytes.set(text, 1)
  return toBase64url(runtime.sha256(bytes))
}
