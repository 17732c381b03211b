import type { Runtime } from '../runtime/runtime.ts'
import type { Store } from '../store/store.ts'
import type { AuditSigner } from './checkpoint.ts'

/** What can be wrong with an audit trail. */
export type AuditProblem =
  /** A record is not what its hash was made of. */
  | 'changed'
  /** Records are missing. */
  | 'dropped'
  /** A record stands where another one stood. */
  | 'reordered'
  /** A record does not follow on the one before, or is not the one that was signed: from here on the chain was written anew. */
  | 'relinked'
  /** A chain ends before its head, or before what was signed. */
  | 'cut_off'
  /** The row that says where a chain stands is wrong, or gone. */
  | 'head_wrong'
  | 'checkpoint_forged'
  | 'checkpoint_dropped'
  | 'unknown_key'

/** One thing that is wrong, and where: a stream and a record of it, or `checkpoints` and one of those. */
export interface AuditFinding {
  readonly problem: AuditProblem
  readonly stream: string
  readonly number: number
  readonly sentence: string
}

/** What a verification reads with, and whom it tells. */
export interface AuditReader {
  readonly store: Store
  readonly runtime: Pick<Runtime, 'sha256'>
  readonly signer: Pick<AuditSigner, 'verify'>
  readonly report: (finding: AuditFinding) => void
}

/** The stream of findings about checkpoints. */
export const CHECKPOINTS = 'checkpoints'

/** Whether a row could not be read because its JSON was spoiled, and not because the database is away. */
export function isSpoiled(error: unknown): boolean {
  if (error instanceof SyntaxError) return true
  return error instanceof Error && error.cause !== undefined && isSpoiled(error.cause)
}
