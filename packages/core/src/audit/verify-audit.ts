import type { ConversationRow, StreamRow } from '../store/rows.ts'
import type { Transaction } from '../store/store.ts'
import { type AuditFinding, type AuditProblem, type AuditReader, CHECKPOINTS } from './audit-finding.ts'
import { headOfConversation, headOfStream, type StreamHead } from './stream-heads.ts'
import { CheckpointWalk } from './verify-checkpoints.ts'
import { verifyStream } from './verify-stream.ts'

/** How many chains are looked up at once, and how many of them are followed at a time. */
const PAGE = 500
const AT_A_TIME = 16

/** How far a verification has come. */
export interface AuditProgress {
  readonly records: number
  readonly checkpoints: number
}

/** What is asked of a verification. */
export interface VerifyRequest extends AuditReader {
  /** The hash of a checkpoint that was kept outside of the database. */
  readonly known?: string
  readonly progress?: (progress: AuditProgress) => void
}

/** What a verification came to. What was wrong has been reported. */
export interface AuditVerdict {
  readonly isWhole: boolean
  readonly records: number
  readonly streams: number
  readonly checkpoints: number
  /** Records that no checkpoint covers: an owner of the database could have cut them off, or written them anew. */
  readonly uncovered: number
  readonly last: { readonly number: number; readonly hash: string; readonly at: number } | undefined
}

/** Numbers that are added up on the way. */
interface Sums {
  records: number
  streams: number
  /** Up to where the chains' own rows say that they are covered. */
  signed: number
  uncovered: number
}

/**
 * Verifies the whole trail in pages, while servers go on writing it: every chain from its first record to its head, every checkpoint and what
 * it signed.
 */
export async function verifyAudit({ known, progress, ...request }: VerifyRequest): Promise<AuditVerdict> {
  const problems = new Set<AuditProblem>()
  const report = (finding: AuditFinding): void => {
    problems.add(finding.problem)
    request.report(finding)
  }
  const reader: AuditReader = { ...request, report }
  const sums: Sums = { records: 0, streams: 0, signed: 0, uncovered: 0 }
  const walk = new CheckpointWalk(reader, known)
  const passed = (): void => progress?.({ records: sums.records, checkpoints: walk.count })
  await walk.goOn(passed)
  const coveredBefore = walk.covered
  await verifyStreams(reader, 'conversations', { sums, passed })
  await verifyStreams(reader, 'streams', { sums, passed })
  // Those that were made meanwhile, so that both sides are counted.
  await walk.goOn(passed)
  const last = walk.last?.number ?? 0
  const tell = (sentence: string): void => report({ problem: 'checkpoint_dropped', stream: CHECKPOINTS, number: last, sentence })
  if (!walk.hasKnown) tell('the checkpoint that was kept outside is not among them')
  if (!hasCheckpointProblem(problems)) compareSums({ signed: sums.signed, atLeast: coveredBefore, atMost: walk.covered }, tell)
  const { records, streams, uncovered } = sums
  return { isWhole: problems.size === 0, records, streams, checkpoints: walk.count, uncovered, last: walk.last }
}

/** The chains' own rows and the checkpoints were written together: what the ones say was signed, the others cover. */
function compareSums(
  { signed, atLeast, atMost }: { signed: number; atLeast: number; atMost: number },
  tell: (sentence: string) => void,
): void {
  if (signed > atMost)
    tell(`of what the chains say was signed, ${signed - atMost} records more than they cover: the newest were taken away`)
  if (signed < atLeast) tell(`of what they cover, ${atLeast - signed} records more than the chains say were signed`)
}

function hasCheckpointProblem(problems: ReadonlySet<AuditProblem>): boolean {
  return problems.has('checkpoint_dropped') || problems.has('checkpoint_forged')
}

async function verifyStreams(
  reader: AuditReader,
  table: 'conversations' | 'streams',
  { sums, passed }: { sums: Sums; passed: () => void },
): Promise<void> {
  let after = ''
  while (true) {
    const heads = await reader.store.transact('audit-heads', (transaction) =>
      table === 'conversations' ? conversationsAfter(transaction, after) : streamsAfter(transaction, after),
    )
    for (let at = 0; at < heads.length; at += AT_A_TIME) {
      const some = heads.slice(at, at + AT_A_TIME)
      const counts = await Promise.all(some.map(({ head }) => verifyStream(reader, head)))
      for (const count of counts) sums.records += count
      for (const { head } of some) {
        sums.signed += head.signed
        sums.uncovered += Math.max(0, head.number - head.signed)
      }
      passed()
    }
    sums.streams += heads.filter(({ head }) => head.number > 0).length
    after = heads.at(-1)?.id ?? after
    if (heads.length < PAGE) return
  }
}

interface PlacedHead {
  readonly id: string
  readonly head: StreamHead
}

async function conversationsAfter(transaction: Transaction, after: string): Promise<readonly PlacedHead[]> {
  const rows: readonly ConversationRow[] = await transaction.find('conversations', { id: { above: after } }, { orderBy: 'id', limit: PAGE })
  return rows.map((row) => ({ id: row.id, head: headOfConversation(row) }))
}

async function streamsAfter(transaction: Transaction, after: string): Promise<readonly PlacedHead[]> {
  const rows: readonly StreamRow[] = await transaction.find('streams', { id: { above: after } }, { orderBy: 'id', limit: PAGE })
  const tails = rows.length === 0 ? [] : await transaction.find('tails', { id: { oneOf: rows.map(({ id }) => id) } })
  const tailOf = new Map(tails.map((tail) => [tail.id, tail]))
  return rows.map((row) => ({ id: row.id, head: headOfStream(row, tailOf.get(row.id)) }))
}
