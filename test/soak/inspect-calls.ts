import type { RequestedCall } from '@countersign/core'
import type { Findings } from './findings.ts'
import type { Evidence } from './inspect-conversation.ts'

/** The tools that may be entered again without asking: their effect is one by its key. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['note', 'order', 'visit', 'revisit'])

/** Each call has one result, which tells what was done outside; and nothing was done oftener than it may. */
export function inspectCalls(evidence: Evidence, findings: Findings): void {
  const { messages, events } = evidence
  const calls = messages.flatMap(({ message }) => (message.role === 'assistant' ? message.calls : []))
  for (const call of calls) {
    const ends = events.filter((event) => event.type === 'tool-end' && event.callId === call.id).length
    findings.must(ends >= 1, 'lost', `${call.tool} ${call.id} has no result`)
    findings.must(ends <= 1, 'doubled', `${call.tool} ${call.id} has ${ends} results`)
    inspectDeeds(evidence, call, findings)
    inspectResult(evidence, call, findings)
  }
  messages.forEach(({ message }, index) => {
    if (message.role !== 'assistant' || message.calls.length === 0) return
    const next = messages[index + 1]?.message
    const results = next?.role === 'tool' ? next.results.map(({ callId }) => callId).join() : ''
    findings.must(results === message.calls.map(({ id }) => id).join(), 'lost', `message ${index + 1} has calls without results`)
  })
  const known = new Set(calls.map(({ id }) => id))
  for (const { callId, tool } of evidence.deeds) findings.must(known.has(callId), 'doubled', `${tool} was done for a call that nobody made`)
}

/** An idempotent deed counts once however often it was asked for; any other may be done once, and once more for each "run again". */
function inspectDeeds({ deeds, interactions }: Evidence, { id, tool }: RequestedCall, findings: Findings): void {
  const done = deeds.filter(({ callId }) => callId === id)
  const answered = (place: RegExp, answer: string): number =>
    interactions.filter(
      (row) => row.callId === id && place.test(row.place) && row.response?.action === 'accept' && row.response.answer === answer,
    ).length
  for (const name of new Set(done.map((deed) => deed.tool))) {
    const keys = new Set(done.filter((deed) => deed.tool === name).map(({ key }) => key))
    findings.must(keys.size <= 1, 'doubled', `${name} of call ${id} was asked for under ${keys.size} keys`)
  }
  const allowed = 1 + answered(/^rerun:/, 'run')
  findings.must(
    IDEMPOTENT.has(tool) || done.length <= allowed,
    'doubled',
    `${tool} ${id} was done ${done.length} times, and ${allowed} were allowed`,
  )
  findings.must(
    tool !== 'pay' || done.length === 0 || answered(/^approval$/, 'approve') === 1,
    'doubled',
    `pay ${id} was done, and nobody approved it`,
  )
  const asked = interactions.find((row) => row.callId === id && row.place === 'ask:1')?.response
  const chosen = asked?.action === 'accept' ? asked.answer : undefined
  findings.must(
    done.every(({ choice }) => choice === undefined || choice === chosen),
    'doubled',
    `${tool} ${id} was done otherwise than it was answered`,
  )
}

/** A result that says that it was done has the receipt of it. */
function inspectResult({ messages, deeds }: Evidence, { id, tool }: RequestedCall, findings: Findings): void {
  const results = messages.flatMap(({ message }) => (message.role === 'tool' ? message.results : []))
  const result = results.find(({ callId }) => callId === id)
  if (result?.status !== 'ok') return
  const receipt =
    typeof result.output === 'object' && result.output !== null && 'receipt' in result.output ? result.output['receipt'] : undefined
  const isKnown = deeds.some((deed) => deed.receipt === receipt && deed.callId === id && deed.tool === tool)
  findings.must(isKnown, 'lost', `${tool} ${id} says that it was done, and it was not`)
}
