import type { CheckpointHead, CheckpointRow } from '../store/rows.ts'
import type { Transaction } from '../store/store.ts'
import { type AuditFinding, type AuditReader, CHECKPOINTS, isSpoiled } from './audit-finding.ts'
import { checkpointFault, coveredBy } from './checkpoint.ts'
import { headOf } from './stream-heads.ts'

/** How many checkpoints are read at once: each may name some hundred chains. */
const PAGE = 8
/** What stands for the hash of a checkpoint that cannot be read. */
const SPOILED = 'spoiled'

/** Follows the chain of checkpoints: each is signed, follows on the one before, and the records that it signed are still there. */
export class CheckpointWalk {
  readonly #reader: AuditReader
  /** A checkpoint that was kept outside. */
  readonly #known: string | undefined
  #isKnownSeen = false
  #last: Pick<CheckpointRow, 'number' | 'hash' | 'at'> = { number: 0, hash: '', at: 0 }
  #covered = 0
  #count = 0

  constructor(reader: AuditReader, known?: string) {
    this.#reader = reader
    this.#known = known
  }

  /** How many records the checkpoints that were followed cover. */
  get covered(): number {
    return this.#covered
  }

  get count(): number {
    return this.#count
  }

  get last(): Pick<CheckpointRow, 'number' | 'hash' | 'at'> | undefined {
    return this.#last.number === 0 ? undefined : this.#last
  }

  /** Whether the checkpoint that was kept outside is one of those that were followed. */
  get hasKnown(): boolean {
    return this.#known === undefined || this.#isKnownSeen
  }

  /** Follows the checkpoints up to the newest. @param passed told after some of them */
  async goOn(passed: () => void): Promise<void> {
    while (true) {
      const rows = await this.#readPage()
      for (const row of rows) await this.#take(row)
      if (rows.length === 0) return
      passed()
    }
  }

  async #take(row: CheckpointRow): Promise<void> {
    const { runtime, signer } = this.#reader
    const { number } = row
    const next = this.#last.number + 1
    if (number > next)
      this.#tell('checkpoint_dropped', next, number === next + 1 ? 'it is missing' : `it is missing, and all up to ${number - 1}`)
    const fault = checkpointFault(runtime, signer, row)
    if (fault === 'forged') this.#tell('checkpoint_forged', number, 'it is not what was signed')
    else if (number === next && row.previous !== this.#last.hash && this.#last.hash !== SPOILED)
      this.#tell('checkpoint_forged', number, 'it does not follow on the checkpoint before it')
    if (fault === 'unknown_key') this.#tell('unknown_key', number, `it is signed with key "${row.key}", which is not among the keys`)
    this.#last = row
    this.#count += 1
    this.#covered += fault === 'forged' ? 0 : coveredBy(row)
    this.#isKnownSeen ||= row.hash === this.#known
    if (fault !== 'forged') await this.#verifyHeads(row)
  }

  /** Each chain that it names still reaches what it signed. */
  async #verifyHeads({ number: checkpoint, heads }: CheckpointRow): Promise<void> {
    const read = (some: readonly CheckpointHead[]): Promise<readonly Signed[]> =>
      this.#reader.store.transact('audit-read', (transaction) => Promise.all(some.map((head) => readSigned(transaction, head))))
    const seen = await read(heads).catch(async (error: unknown) => {
      if (!isSpoiled(error)) throw error
      const one = (head: CheckpointHead): Promise<Signed> => read([head]).then(([signed]) => signed ?? UNREADABLE, asUnreadable)
      return Promise.all(heads.map(one))
    })
    heads.forEach(([stream, from, number, head], index) => {
      const { hash, hasHead } = seen[index] ?? {}
      const tell = (problem: AuditFinding['problem'], sentence: string): void => this.#reader.report({ problem, stream, number, sentence })
      if (from === 0 && hasHead === false) tell('head_wrong', `checkpoint ${checkpoint} signed it, and nothing says where its chain stands`)
      if (hash === undefined) tell('cut_off', `checkpoint ${checkpoint} signed it, and it is missing`)
      else if (hash !== head && hash !== null) tell('relinked', `it is not the record that checkpoint ${checkpoint} signed`)
    })
  }

  async #readPage(): Promise<readonly CheckpointRow[]> {
    const { store } = this.#reader
    const read = (limit: number): Promise<readonly CheckpointRow[]> =>
      store.transact('audit-read', (transaction) =>
        transaction.find('checkpoints', { number: { above: this.#last.number } }, { orderBy: 'number', limit }),
      )
    try {
      return await read(PAGE)
    } catch (error) {
      if (!isSpoiled(error)) throw error
      return read(1).catch((cause: unknown) => this.#passSpoiled(cause))
    }
  }

  /** One that cannot be read is named, and the next one is looked for behind it. */
  #passSpoiled(cause: unknown): Promise<readonly CheckpointRow[]> {
    if (!isSpoiled(cause)) throw cause
    const number = this.#last.number + 1
    this.#tell('checkpoint_forged', number, 'it cannot be read any more')
    this.#last = { number, hash: SPOILED, at: this.#last.at }
    return this.#readPage()
  }

  #tell(problem: AuditFinding['problem'], number: number, sentence: string): void {
    this.#reader.report({ problem, stream: CHECKPOINTS, number, sentence })
  }
}

/** The hash of a record that was signed: undefined when it is missing, null when it cannot be read, which its chain tells. */
interface Signed {
  readonly hash: string | null | undefined
  /** Whether something says where its chain stands. */
  readonly hasHead: boolean
}

const UNREADABLE: Signed = { hash: null, hasHead: true }

function asUnreadable(error: unknown): Signed {
  if (!isSpoiled(error)) throw error
  return UNREADABLE
}

async function readSigned(transaction: Transaction, [stream, from, number]: CheckpointHead): Promise<Signed> {
  const hasHead = from > 0 || (await headOf(transaction, stream)) !== undefined
  const row = await transaction.get('audits', { stream, number })
  return { hash: row?.hash, hasHead }
}
