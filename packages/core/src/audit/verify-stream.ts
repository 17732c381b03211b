import type { AuditRow } from '../store/rows.ts'
import { type AuditFinding, type AuditReader, isSpoiled } from './audit-finding.ts'
import { EMPTY_HEAD, linkHash } from './chain.ts'
import { headOf, type StreamHead } from './stream-heads.ts'

/** How many records are read at once. */
const PAGE = 500
/** How far around its place it is looked for where a record stood before, and for how many records of a chain: each look costs that many hashes. */
const REACH = 100
const MAX_SEARCHES = 16

/** Whom a finding is about is said here, once. */
type Tell = (problem: AuditFinding['problem'], number: number, sentence: string) => void

/** How far a chain was followed: up to which record, and its hash; undefined after one that could not be read. */
interface Reached {
  readonly number: number
  readonly hash: string | undefined
}

/**
 * Follows one chain from its first record to its head: each record is what its hash says, follows on the one before, and none is missing.
 * Records that are appended meanwhile are followed, too.
 * @returns how many records there are
 */
export async function verifyStream(reader: AuditReader, first: StreamHead): Promise<number> {
  const { stream } = first
  const tell: Tell = (problem, number, sentence) => reader.report({ problem, stream, number, sentence })
  let head = first
  const placeOf = placeFinder(reader.runtime)
  let at: Reached = { number: 0, hash: EMPTY_HEAD }
  let count = 0
  while (true) {
    const rows = await readPage(reader, { stream, after: at.number, upTo: head.number })
    if ((rows.at(-1)?.number ?? 0) > head.number) head = (await readHead(reader, stream)) ?? head
    for (const row of rows) at = followed({ row, at, runtime: reader.runtime, placeOf }, tell)
    count += rows.length
    if (rows.length < PAGE && at.number >= head.number) break
    if (rows.length === 0) break
  }
  if (at.number < head.number) tell('cut_off', at.number + 1, `the chain ends at ${at.number}, its head says ${head.number}`)
  else if (at.number > head.number) tell('head_wrong', at.number, `there are ${at.number} records, the head says ${head.number}`)
  else if (at.hash !== undefined && at.hash !== head.head)
    tell('head_wrong', at.number, 'the head names another hash than the last record has')
  return count
}

interface Following {
  readonly row: AuditRow | Spoiled
  readonly at: Reached
  readonly runtime: AuditReader['runtime']
  /** Where a record stood whose hash does not fit. */
  readonly placeOf: (row: AuditRow) => number | undefined
}

/** Takes one record; what is wrong with it is told. */
function followed({ row, at, runtime, placeOf }: Following, tell: Tell): Reached {
  const { number } = row
  const isNext = number === at.number + 1
  if (!isNext) tell('dropped', at.number + 1, number === at.number + 2 ? 'it is missing' : `it is missing, and all up to ${number - 1}`)
  if ('isSpoiled' in row) {
    tell('changed', number, 'it cannot be read any more')
    return { number, hash: undefined }
  }
  if (linkHash(runtime, row) !== row.hash) {
    const place = placeOf(row)
    if (place === undefined) tell('changed', number, 'it is not what its hash was made of')
    else tell('reordered', number, `it was written as record ${place}`)
  } else if (isNext && at.hash !== undefined && row.previous !== at.hash)
    tell('relinked', number, number === 1 ? 'it follows on a record that is not there' : 'it does not follow on the record before it')
  return { number, hash: row.hash }
}

/** Finds where a record stood by its hash: as far away as the one before, or near where it stands now. */
function placeFinder(runtime: AuditReader['runtime']): (row: AuditRow) => number | undefined {
  let offset = 0
  let searches = 0
  const isPlace = (row: AuditRow, number: number): boolean => number > 0 && linkHash(runtime, { ...row, number }) === row.hash
  return (row) => {
    if (isPlace(row, row.number + offset)) return row.number + offset
    if (searches >= MAX_SEARCHES) return undefined
    searches += 1
    for (let distance = 1; distance <= REACH; distance += 1)
      for (const away of [distance, -distance])
        if (isPlace(row, row.number + away)) {
          offset = away
          return row.number + away
        }
    return undefined
  }
}

/** A record whose JSON cannot be parsed. */
interface Spoiled {
  readonly number: number
  readonly isSpoiled: true
}

interface Page {
  readonly stream: string
  readonly after: number
  readonly upTo: number
}

async function readPage({ store }: AuditReader, page: Page): Promise<readonly (AuditRow | Spoiled)[]> {
  const { stream, after } = page
  try {
    const where = { stream, number: { above: after } }
    return await store.transact('audit-read', (transaction) => transaction.find('audits', where, { orderBy: 'number', limit: PAGE }))
  } catch (error) {
    if (!isSpoiled(error)) throw error
    return readSingly(store, page)
  }
}

/** Around a record that cannot be read, each is read by itself. */
async function readSingly(store: AuditReader['store'], { stream, after, upTo }: Page): Promise<readonly (AuditRow | Spoiled)[]> {
  const rows: (AuditRow | Spoiled)[] = []
  for (let number = after + 1; number <= Math.min(upTo, after + PAGE); number += 1) {
    const row = await store
      .transact('audit-read', (transaction) => transaction.get('audits', { stream, number }))
      .catch((error: unknown) => {
        if (!isSpoiled(error)) throw error
        return { number, isSpoiled: true } as const
      })
    if (row) rows.push(row)
  }
  return rows
}

function readHead({ store }: AuditReader, stream: string): Promise<StreamHead | undefined> {
  return store.transact('audit-read', (transaction) => headOf(transaction, stream))
}
