import { fromBase64url, toBase64url } from '../runtime/base64url.ts'
import { canonicalJson } from '../runtime/canonical-json.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { CheckpointHead, CheckpointRow } from '../store/rows.ts'
import { merkleRoot, prefixed } from './merkle-root.ts'

/** Signs checkpoints, and knows a forged one. Synchronous: a checkpoint is signed in the unit that reads what it says. */
export interface AuditSigner {
  /** Signs with the key in force. */
  sign(bytes: Uint8Array): { readonly key: string; readonly signature: Uint8Array }
  verify(signed: { readonly bytes: Uint8Array; readonly key: string; readonly signature: Uint8Array }): 'good' | 'forged' | 'unknown_key'
}

/** What a checkpoint is made of. */
export interface NewCheckpoint {
  readonly last: CheckpointRow | undefined
  readonly at: number
  /** By stream, one at least. */
  readonly heads: readonly CheckpointHead[]
}

const encoder = new TextEncoder()

/** The checkpoint that follows on `last`. */
export function makeCheckpoint(runtime: Pick<Runtime, 'sha256'>, signer: AuditSigner, { last, at, heads }: NewCheckpoint): CheckpointRow {
  const root = toBase64url(merkleRoot(runtime, heads))
  const said = { number: (last?.number ?? 0) + 1, at, previous: last?.hash ?? '', root }
  const { key, signature } = signer.sign(signedBytes(said))
  return { ...said, heads, key, signature: toBase64url(signature), hash: checkpointHash(runtime, { ...said, key }) }
}

/** What is wrong with a checkpoint by itself, or undefined. */
export function checkpointFault(
  runtime: Pick<Runtime, 'sha256'>,
  signer: Pick<AuditSigner, 'verify'>,
  row: CheckpointRow,
): 'forged' | 'unknown_key' | undefined {
  if (row.heads.length === 0 || toBase64url(merkleRoot(runtime, row.heads)) !== row.root) return 'forged'
  if (checkpointHash(runtime, row) !== row.hash) return 'forged'
  const signature = bytesOf(row.signature)
  const verdict = signature ? signer.verify({ bytes: signedBytes(row), key: row.key, signature }) : 'forged'
  return verdict === 'good' ? undefined : verdict
}

/** How many records a checkpoint covers that none did before. */
export function coveredBy({ heads }: Pick<CheckpointRow, 'heads'>): number {
  return heads.reduce((sum, [, from, number]) => sum + number - from, 0)
}

/** The bytes under the signature: 0x02 ‖ canonical JSON of [number, at, previous, root]. */
function signedBytes({ number, at, previous, root }: Pick<CheckpointRow, 'number' | 'at' | 'previous' | 'root'>): Uint8Array {
  return prefixed('checkpoint', encoder.encode(canonicalJson([number, at, previous, root])))
}

/** Its name outside of the database: SHA-256(0x02 ‖ canonical JSON of [number, at, previous, root, key]). */
function checkpointHash(
  runtime: Pick<Runtime, 'sha256'>,
  { number, at, previous, root, key }: Pick<CheckpointRow, 'number' | 'at' | 'previous' | 'root' | 'key'>,
): string {
  return toBase64url(runtime.sha256(prefixed('checkpoint', encoder.encode(canonicalJson([number, at, previous, root, key])))))
}

/** A signature that is no base64url any more was changed. */
function bytesOf(text: string): Uint8Array | undefined {
  try {
    return fromBase64url(text)
  } catch {
    return undefined
  }
}
