import type { ConversationRow, StreamRow, TailRow } from '../store/rows.ts'
import type { Transaction } from '../store/store.ts'

/** Where an audit chain stands, and up to which record a checkpoint covers it. */
export interface StreamHead {
  readonly stream: string
  readonly number: number
  readonly head: string
  readonly signed: number
}

const PREFIX = 'conversation:'

/** The name of a conversation's chain. */
export function conversationStream(id: string): string {
  return `${PREFIX}${id}`
}

/** Where a conversation's chain stands. */
export function headOfConversation({ id, auditNumber, auditHead, auditSigned }: ConversationRow): StreamHead {
  return { stream: conversationStream(id), number: auditNumber, head: auditHead, signed: auditSigned }
}

/** Where a chain stands that belongs to no conversation: without a tail all of it is covered. */
export function headOfStream({ id, number, head }: StreamRow, tail: Pick<TailRow, 'signed'> | undefined): StreamHead {
  return { stream: id, number, head, signed: tail?.signed ?? number }
}

/**
 * Some of the chains that have records which no checkpoint covers, by their streams.
 * @param looked how many of each kind at most; with `skipLocked` those that nobody writes to now, and nobody does until the unit ends
 */
export async function openHeads(
  transaction: Transaction,
  looked: { readonly limit: number; readonly skipLocked?: boolean },
): Promise<readonly StreamHead[]> {
  const conversations = await transaction.find('conversations', { auditOpen: 1 }, looked)
  const tails = await transaction.find('tails', {}, looked)
  const streams = tails.length === 0 ? [] : await transaction.find('streams', { id: { oneOf: tails.map(({ id }) => id) } }, looked)
  const tailOf = new Map(tails.map((tail) => [tail.id, tail]))
  const heads = [...conversations.map(headOfConversation), ...streams.map((row) => headOfStream(row, tailOf.get(row.id)))]
  return heads.toSorted((left, right) => (left.stream < right.stream ? -1 : 1))
}

/** Where the chain of that name stands, or undefined. */
export async function headOf(transaction: Transaction, stream: string): Promise<StreamHead | undefined> {
  if (stream.startsWith(PREFIX)) {
    const row = await transaction.get('conversations', { id: stream.slice(PREFIX.length) })
    return row && headOfConversation(row)
  }
  const row = await transaction.get('streams', { id: stream })
  return row && headOfStream(row, await transaction.get('tails', { id: stream }))
}

/**
 * Marks a chain as covered up to where it stood when it was read.
 * @returns false when it has moved since, or somebody else has marked it
 */
export async function markSigned(transaction: Transaction, { stream, number, signed }: StreamHead): Promise<boolean> {
  if (stream.startsWith(PREFIX)) {
    const unmoved = { id: stream.slice(PREFIX.length), auditNumber: number, auditSigned: signed }
    return (await transaction.update('conversations', unmoved, { auditOpen: 0, auditSigned: number })) > 0
  }
  // The empty change holds the row: nobody appends to it until this unit ends.
  if ((await transaction.update('streams', { id: stream, number }, {})) === 0) return false
  return (await transaction.remove('tails', { id: stream, signed })) > 0
}
