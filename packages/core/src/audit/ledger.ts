import { CountersignError } from '../errors.ts'
import type { Message } from '../protocol/message.ts'
import type { RunEvent } from '../protocol/run-event.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Store, Transaction } from '../store/store.ts'
import type { AuditEvent } from './audit-event.ts'
import { links } from './chain.ts'

/** What one unit appends to a conversation: messages for the model, events for the clients, records for the audit. */
export class Ledger {
  readonly #runtime: Pick<Runtime, 'now' | 'sha256'>
  readonly #conversationId: string
  readonly #messages: { runId: string; message: Message }[] = []
  readonly #events: RunEvent[] = []
  readonly #records: AuditEvent[] = []

  constructor(runtime: Pick<Runtime, 'now' | 'sha256'>, conversationId: string) {
    this.#runtime = runtime
    this.#conversationId = conversationId
  }

  message(runId: string, message: Message): void {
    this.#messages.push({ runId, message })
  }

  event(event: RunEvent): void {
    this.#events.push(event)
  }

  audit(record: AuditEvent): void {
    this.#records.push(record)
  }

  /** Writes everything under the lock of the conversation's row: commit order and number order are one. */
  async write(transaction: Transaction): Promise<void> {
    const conversationId = this.#conversationId
    const [messages, events, records] = [this.#messages, this.#events, this.#records]
    if (messages.length + events.length + records.length === 0) return
    const growth = { add: events.length }
    const change = { seq: growth, eventCount: growth, messageCount: { add: messages.length }, auditNumber: { add: records.length } }
    const row = await transaction.updateOne('conversations', { id: conversationId }, change)
    if (!row) throw new CountersignError('not_found', `conversation "${conversationId}" does not exist`)
    const at = this.#runtime.now()
    const firstMessage = row.messageCount - messages.length + 1
    const firstEvent = row.seq - events.length + 1
    if (messages.length > 0)
      await transaction.insert(
        'messages',
        ...messages.map((entry, index) => ({ conversationId, position: firstMessage + index, ...entry })),
      )
    if (events.length > 0) {
      const rows = events.map((event, index) => ({ conversationId, seq: firstEvent + index, at, event }))
      await transaction.insert('events', ...rows)
      transaction.notify('conversation', conversationId, rows)
    }
    if (records.length === 0) return
    const from = { number: row.auditNumber - records.length, head: row.auditHead }
    const added = links(this.#runtime, { stream: `conversation:${conversationId}`, from }, records)
    await transaction.insert('audits', ...added)
    await transaction.update('conversations', { id: conversationId }, { auditHead: added.at(-1)?.hash ?? row.auditHead, auditOpen: 1 })
  }
}

/** A unit that has one conversation to itself; what it appends to the ledger is written as its last act. */
export function transactOn<T>(
  deps: { readonly store: Store; readonly runtime: Pick<Runtime, 'now' | 'sha256'> },
  unit: { readonly name: string; readonly conversationId: string },
  work: (transaction: Transaction, ledger: Ledger) => Promise<T>,
): Promise<T> {
  return deps.store.transact(unit.name, async (transaction) => {
    await transaction.lock(unit.conversationId)
    const ledger = new Ledger(deps.runtime, unit.conversationId)
    const value = await work(transaction, ledger)
    await ledger.write(transaction)
    return value
  })
}
