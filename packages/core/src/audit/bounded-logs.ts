import type { RunEvent } from '../protocol/run-event.ts'
import { digestText } from '../runtime/digest.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { ConversationRow, EventRow, RunRow } from '../store/rows.ts'
import type { Store, Transaction } from '../store/store.ts'

/** How many events one unit looks through: it holds the conversation meanwhile. */
const BATCH = 500
/** After how many events a log is looked through again, at most. */
const PERIOD = 500

/**
 * Keeps the logs of conversations that grow in this process within a bound. What later events say again goes first: the deltas of a reply that is
 * complete, and how a wait went before it went on. If that is not enough, the oldest turns go. Messages and audit records stay; a run that has not ended is kept whole.
 */
export class BoundedLogs {
  readonly #deps: BoundedLogsDeps
  readonly #maxEvents: number
  /** Conversations whose logs have grown by so much that they are to be looked through. */
  readonly #due = new Set<string>()

  constructor(deps: BoundedLogsDeps, maxEvents: number) {
    this.#deps = deps
    this.#maxEvents = maxEvents
    // By number, so that nothing need be remembered of conversations that grow a little now and then.
    const period = Math.min(PERIOD, Math.ceil(maxEvents / 4))
    deps.store.subscribe('conversation', (id, appended) => {
      const [first, last] = [appended?.at(0), appended?.at(-1)]
      if (first && last && Math.floor((first.seq - 1) / period) < Math.floor(last.seq / period)) this.#due.add(id)
    })
  }

  /** Looks through the logs that have grown, in units that are short. */
  async trim(): Promise<void> {
    for (const id of this.#due) {
      this.#due.delete(id)
      await this.#whileMore('thin-log', id, thin)
      await this.#whileMore('cut-log', id, (transaction, conversation) => this.#cut(transaction, conversation))
    }
  }

  async #whileMore(name: string, id: string, step: Step): Promise<void> {
    const once = (): Promise<boolean> =>
      this.#deps.store.transact(name, async (transaction) => {
        await transaction.lock(id)
        const conversation = await transaction.get('conversations', { id })
        return conversation !== undefined && step(transaction, conversation)
      })
    while (await once());
  }

  async #cut(transaction: Transaction, conversation: ConversationRow): Promise<boolean> {
    const { runtime } = this.#deps
    const removed = await cut(transaction, conversation, this.#maxEvents)
    // The conversation by its digest: its name is the client's own.
    const facts = { conversation: digestText(runtime, conversation.id).slice(0, 12) }
    if (removed > 0) transaction.after(() => runtime.log.debug('log shortened', facts))
    return removed === BATCH
  }
}

interface BoundedLogsDeps {
  readonly store: Store
  readonly runtime: Pick<Runtime, 'log' | 'sha256'>
}

/** One look at a part of a log. @returns whether there is more to look through */
type Step = (transaction: Transaction, conversation: ConversationRow) => Promise<boolean>

/** Removes from a part of the log what its complete replies say again. @returns whether there is more to look through */
async function thin(transaction: Transaction, { id, thinnedTo }: ConversationRow): Promise<boolean> {
  const rows = await eventsAfter(transaction, id, thinnedTo)
  const runs = await runsOf(transaction, rows)
  const isUndecided = ({ event }: EventRow): boolean => isOfReply(event) && isStillSaid(runs.get(event.runId), event.turn)
  const undecided = rows.findIndex(isUndecided)
  const decided = undecided === -1 ? rows : rows.slice(0, undecided)
  const last = decided.at(-1)
  if (!last) return false
  const newest = newestWaits(decided)
  const spare = decided.filter(({ seq, event }) => {
    if (event.type === 'authorization-wait') return newest.get(event.interactionId) !== seq
    return isOfReply(event) && isComplete(runs.get(event.runId), event.turn)
  })
  const removed = await remove(transaction, id, spare)
  await transaction.update('conversations', { id }, { thinnedTo: last.seq, eventCount: { add: -removed } })
  return decided.length === BATCH
}

/** Removes the oldest events of a log that is too long, down to three quarters of what it may have. @returns how many; no more than a batch */
async function cut(transaction: Transaction, { id, eventCount, keptFrom }: ConversationRow, maxEvents: number): Promise<number> {
  if (eventCount <= maxEvents) return 0
  const rows = await eventsAfter(transaction, id, keptFrom - 1)
  const runs = await runsOf(transaction, rows)
  const underWay = rows.findIndex(({ event }) => runs.get(event.runId)?.endedAt === null)
  const surplus = eventCount - Math.floor((maxEvents * 3) / 4)
  const spare = rows.slice(0, Math.min(surplus, underWay === -1 ? rows.length : underWay))
  const last = spare.at(-1)
  if (!last) return 0
  const removed = await remove(transaction, id, spare)
  await transaction.update('conversations', { id }, { keptFrom: last.seq + 1, eventCount: { add: -removed } })
  return removed
}

function eventsAfter(transaction: Transaction, conversationId: string, seq: number): Promise<readonly EventRow[]> {
  return transaction.find('events', { conversationId, seq: { above: seq } }, { orderBy: 'seq', limit: BATCH })
}

async function runsOf(transaction: Transaction, rows: readonly EventRow[]): Promise<ReadonlyMap<string, RunRow>> {
  const ids = [...new Set(rows.map(({ event }) => event.runId))]
  const runs = ids.length === 0 ? [] : await transaction.find('runs', { id: { oneOf: ids } })
  return new Map(runs.map((run) => [run.id, run]))
}

async function remove(transaction: Transaction, conversationId: string, rows: readonly EventRow[]): Promise<number> {
  return rows.length === 0 ? 0 : transaction.remove('events', { conversationId, seq: { oneOf: rows.map(({ seq }) => seq) } })
}

/** Of each question that waits for another device, where it was last said how that goes. */
function newestWaits(rows: readonly EventRow[]): ReadonlyMap<string, number> {
  return new Map(rows.flatMap(({ seq, event }) => (event.type === 'authorization-wait' ? [[event.interactionId, seq] as const] : [])))
}

function isOfReply(event: RunEvent): event is Extract<RunEvent, { type: 'reply-start' | 'token-delta' }> {
  return event.type === 'reply-start' || event.type === 'token-delta'
}

/** A run that goes on may still be at this reply. */
function isStillSaid(run: RunRow | undefined, turn: number): boolean {
  return run !== undefined && run.endedAt === null && !isComplete(run, turn)
}

/** Whether the reply has its end in the log, with all its words. A cancelled run may have left its last reply half said: that is all there is of it. */
function isComplete(run: RunRow | undefined, turn: number): boolean {
  return run !== undefined && (run.turn > turn || (run.turn === turn && run.cancel === null))
}
