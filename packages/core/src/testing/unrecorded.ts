import type { AuditType } from '../audit/audit-event.ts'
import { isLive } from '../auth/authorization.ts'
import type { JsonObject } from '../protocol/json.ts'
import type { AuditRow, AuthorizationRow, CallRow, InteractionRow, MessageRow, RunRow } from '../store/rows.ts'

/** What a conversation came to, and what its audit says of it. */
export interface Recorded {
  readonly runs: readonly RunRow[]
  readonly calls: readonly CallRow[]
  readonly interactions: readonly InteractionRow[]
  readonly authorizations: readonly AuthorizationRow[]
  readonly messages: readonly MessageRow[]
  readonly audits: readonly AuditRow[]
}

/** What happened by the rows, and is not recorded as often; in words. */
export function unrecorded({ runs, calls, interactions, authorizations, messages, audits }: Recorded): readonly string[] {
  const missing: string[] = []
  const must = (type: AuditType, members: JsonObject, times = 1): void => {
    const found = audits.filter(({ record }) => holds(record, { type, ...members })).length
    if (found !== times) missing.push(`${type} ${JSON.stringify(members)}: ${found} records instead of ${times}`)
  }
  for (const { id, state, endedAt, cancel } of runs) {
    must('request', { run: id })
    must('run-end', endedAt === null ? { run: id } : { run: id, state }, endedAt === null ? 0 : 1)
    // Each newer message stops it anew.
    const isStopped = audits.some(({ record }) => holds(record, { type: 'cancel', run: id, why: cancel }))
    if (cancel !== null && !isStopped) missing.push(`cancel of ${id}: no record`)
    const replies = messages.filter((row) => row.runId === id && row.message.role === 'assistant').length
    must('reply', { run: id }, replies)
  }
  for (const { id, state, status, entries } of calls) {
    must('tool-call', { call: id }, entries)
    must('tool-result', status === null ? { call: id } : { call: id, status }, state === 'done' ? 1 : 0)
  }
  for (const { id, question, state, settledBy } of interactions) {
    must('question', { interaction: id, kind: question.kind })
    // A notification is answered by being shown.
    const isSettled = state !== 'pending' && question.kind !== 'notification'
    must('answer', isSettled ? { interaction: id, state, by: settledBy } : { interaction: id }, isSettled ? 1 : 0)
  }
  for (const authorization of authorizations) {
    const { id, state } = authorization
    must('authorization-request', { authorization: id })
    const isOver = !isLive(authorization)
    must('authorization-end', isOver ? { authorization: id, state } : { authorization: id }, isOver ? 1 : 0)
  }
  return missing
}

function holds(record: JsonObject, members: JsonObject): boolean {
  return Object.entries(members).every(([name, value]) => record[name] === value)
}
