import { isCountersignError } from '../errors.ts'
import type { RequestedCall } from '../protocol/message.ts'
import { digestText } from '../runtime/digest.ts'
import { errorFacts } from '../runtime/error-facts.ts'
import type { CallRow } from '../store/rows.ts'
import { redactKeys } from '../tool/redact.ts'
import type { RunUnit } from './end-run.ts'
import { historyWindow } from './history-window.ts'
import { type Holding, failRun } from './holding.ts'

/**
 * Asks the model. Deltas are gathered for a few tens of milliseconds into one event; a call exists only when its whole reply does, so nothing is
 * executed from a stream.
 */
export async function replyWork(holding: Holding): Promise<void> {
  const { deps, workflow, signal } = holding
  const work = { kind: 'reply' } as const
  const turn = holding.journal.run.turn + 1
  const deltas = new DeltaGatherer(holding, turn)
  const calls: RequestedCall[] = []
  let text = ''
  try {
    const messages = historyWindow(holding.journal.messages, workflow.maxHistory)
    const request = {
      messages,
      tools: workflow.toolDescriptions,
      signal,
      ...(workflow.systemPrompt !== undefined && { systemPrompt: workflow.systemPrompt }),
    }
    for await (const event of workflow.model.stream(request)) {
      signal.throwIfAborted()
      if (event.type === 'call') {
        calls.push({ id: deps.runtime.id(), tool: event.tool, input: event.input })
        continue
      }
      text += event.text
      deltas.add(event.text)
    }
  } catch (error) {
    deltas.stop()
    if (signal.aborted) return holding.finish(work, 'reply-stopped', async () => undefined)
    const about = { run: holding.journal.run.id, workflow: workflow.name, model: workflow.model.name }
    deps.runtime.log.error('model failed', { ...about, ...errorFacts(error) })
    const sentence = isCountersignError(error, 'model_failed') ? 'The model did not answer as it should.' : 'The model failed.'
    return holding.finish(work, 'reply-failed', (unit) => failRun(unit, `${sentence} Ask again, or tell the operator.`))
  }
  const isOpen = deltas.stop()
  return holding.finishTurn(turn, (unit) => recordReply(unit, { turn, text, calls, isOpen }))
}

async function recordReply(
  { transaction, ledger, journal, runtime }: RunUnit,
  { turn, text, calls, isOpen }: { turn: number; text: string; calls: readonly RequestedCall[]; isOpen: boolean },
): Promise<void> {
  if (journal.run.cancel !== null) return
  const { id: runId, fence: attempt } = journal.run
  const message = { role: 'assistant', text, calls } as const
  ledger.message(runId, message)
  journal.messages.push(message)
  if (!isOpen) ledger.event({ type: 'reply-start', runId, turn, attempt })
  ledger.event({ type: 'reply-end', runId, turn, attempt, text })
  ledger.audit({ type: 'reply', run: runId, turn, text: digestText(runtime, text), calls: calls.map(({ id }) => id) })
  const rows = calls.map(({ id, tool, input }, ordinal): CallRow => {
    return { id, runId, turn, ordinal, tool, input, state: 'open', status: null, output: null, entries: 0 }
  })
  for (const { id, tool, input } of rows) ledger.event({ type: 'tool-start', runId, callId: id, tool, input: redactKeys(input) })
  journal.calls.splice(0, journal.calls.length, ...rows)
  journal.interactions.length = 0
  journal.authorizations.length = 0
  if (rows.length > 0) await transaction.insert('calls', ...rows)
}

/** Joins what the model says within a short time into one event. */
class DeltaGatherer {
  readonly #holding: Holding
  readonly #turn: number
  #text = ''
  #isOpen = false
  #stopTimer: (() => void) | undefined

  constructor(holding: Holding, turn: number) {
    this.#holding = holding
    this.#turn = turn
  }

  add(text: string): void {
    const { runtime, limits } = this.#holding.deps
    this.#text += text
    this.#stopTimer ??= runtime.timer(limits.deltaGatherMs, () => this.#flush())
  }

  /** What is not yet written goes into the reply itself. @returns whether the reply was opened by a delta */
  stop(): boolean {
    this.#stopTimer?.()
    return this.#isOpen
  }

  #flush(): void {
    const text = this.#text
    const wasOpen = this.#isOpen
    this.#text = ''
    this.#isOpen = true
    this.#stopTimer = undefined
    const turn = this.#turn
    void this.#holding.note('delta', async ({ ledger, journal }) => {
      const { id: runId, fence: attempt } = journal.run
      if (!wasOpen) ledger.event({ type: 'reply-start', runId, turn, attempt })
      ledger.event({ type: 'token-delta', runId, turn, attempt, text })
    })
  }
}
