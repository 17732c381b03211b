import type { JsonValue } from '../protocol/json.ts'
import type { AuthorizationRow, InteractionRow, RunRow, StepRow } from '../store/rows.ts'
import type { CallEntry, CallJournal } from '../tool/call-context.ts'
import { testReceipts } from './test-receipts.ts'
import { type VirtualRuntime, virtualRuntime } from './virtual-runtime.ts'

/** One entry of a call as a holder would make it, and what the call wrote meanwhile. */
export interface TestEntry extends CallEntry {
  readonly authorizations: readonly AuthorizationRow[]
  readonly runtime: VirtualRuntime
  readonly steps: StepRow[]
  readonly notified: unknown[]
  readonly said: string[]
  /** The holder loses the run. */
  lose(reason: unknown): void
}

/** An entry of a call of ada's. @param parts what differs from a first entry */
export function callEntry(
  parts: { runtime?: VirtualRuntime; interactions?: readonly InteractionRow[]; steps?: StepRow[] } = {},
): TestEntry {
  const { runtime = virtualRuntime(), interactions = [], steps = [] } = parts
  const lost = new AbortController()
  const [notified, said]: [unknown[], string[]] = [[], []]
  const journal: CallJournal = {
    loadSteps: async () => steps,
    saveStep: async (name: string, value: JsonValue) => void steps.push({ callId: call.id, name, value }),
    notify: async (asked) => void notified.push(asked),
    progress: (text) => void said.push(text),
  }
  const lose = (reason: unknown): void => lost.abort(reason)
  const receipts = testReceipts(runtime)
  return { run, call, interactions, authorizations: [], journal, runtime, receipts, signal: lost.signal, steps, notified, said, lose }
}

/** A question of that call as a person answered it. */
export function askedRow(parts: Pick<InteractionRow, 'place' | 'digest' | 'question'> & Partial<InteractionRow>): InteractionRow {
  const row = {
    id: 'interaction-1',
    conversationId: run.conversationId,
    runId: run.id,
    callId: call.id,
    principalId: run.principal.id,
    sessionId: null,
    state: 'answered' as const,
    response: null,
    problem: null,
    again: null,
    createdAt: 0,
    expiresAt: 0,
    settledAt: null,
    settledBy: null,
    ...parts,
  }
  return { ...row, receipt: parts.receipt === undefined ? testReceipts(virtualRuntime()).sign(row, row) : parts.receipt }
}

const call: CallEntry['call'] = {
  id: 'call-1',
  runId: 'run-1',
  turn: 1,
  ordinal: 0,
  tool: 'calendar',
  input: {},
  state: 'executing',
  status: null,
  output: null,
  entries: 1,
}

const run: RunRow = {
  id: 'run-1',
  conversationId: 'conversation-1',
  messageId: 'message-1',
  text: 'What is on today?',
  active: 'conversation-1',
  workflow: 'test',
  principal: { id: 'user:ada', kind: 'user', roles: [] },
  sessionId: null,
  state: 'ready',
  owner: 'a',
  fence: 1,
  lease: 0,
  wake: 0,
  cancel: null,
  turn: 1,
  toolDigests: {},
  createdAt: 0,
  endedAt: null,
  presence: 'browser',
}
