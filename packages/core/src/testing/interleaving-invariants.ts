import type { RunEvent } from '../protocol/run-event.ts'
import type { Aftermath } from './aftermath.ts'
import type { Incidents } from './interleaving.ts'

/** What must hold after every order of steps; the sentences of those that do not. */
export function brokenInvariants(seen: Aftermath, incidents: Incidents): readonly string[] {
  const broken: string[] = []
  const must = (holds: boolean, sentence: string): void => void (holds || broken.push(sentence))
  const calls = seen.messages.flatMap(({ message }) => (message.role === 'assistant' ? message.calls : []))
  const effectsOf = (callId: string): number => seen.effects.filter((effect) => effect.endsWith(` ${callId}`)).length
  const approval = seen.interactions.find(({ place }) => place === 'approval')

  must(seen.runs.length > 0 || incidents.crashAt !== undefined, 'nothing happened')
  must(
    seen.runs.every(({ state }) => ['done', 'failed', 'cancelled'].includes(state)),
    `a run is stuck: ${seen.runs.map(({ state }) => state).join()}`,
  )
  must(
    seen.runs.every(({ id }) => count(seen.events, (event) => event.type === 'run-end' && event.runId === id) === 1),
    'a run ended not exactly once',
  )
  must(
    repliesPerTurn(seen.events).every((replies) => replies === 1),
    'a turn has more than one reply',
  )
  must(
    calls.every(({ id }) => count(seen.events, (event) => event.type === 'tool-end' && event.callId === id) === 1),
    'a call has not exactly one result',
  )
  must(
    calls.every(({ id }) => effectsOf(id) <= 1),
    'a call took effect twice',
  )
  must(
    seen.effects.every((effect) => calls.some(({ id }) => effect.endsWith(` ${id}`))),
    'something took effect that no reply asked for',
  )
  const paid = seen.effects.some((effect) => effect.startsWith('pay '))
  must(!paid || approved(approval?.response), 'it paid without approval')
  must(seen.answers.filter(({ outcome }) => outcome === 'settled').length <= seen.interactions.length, 'a question was settled twice')
  must(isAnswered(seen), 'the history has a reply whose calls have no results')
  must(
    seen.seqs.every((seq, index) => seq === index + 1),
    'the log has a gap',
  )
  must(seen.auditIsWhole, 'the audit chain is broken')
  broken.push(...seen.unrecorded)

  const isCalm = incidents.crashAt === undefined && incidents.pause === undefined && incidents.expiry === undefined
  const isUndisturbed = isCalm && incidents.cancel === undefined && incidents.newerMessage === undefined
  must(
    !isCalm || !seen.interactions.some(({ place }) => place.startsWith('rerun')),
    'somebody was asked "may have run" although nobody died',
  )
  must(
    !isUndisturbed || calls.every(({ id, tool }) => effectsOf(id) === (tool === 'slow' || approved(approval?.response) ? 1 : 0)),
    'an effect is missing',
  )
  must(!isUndisturbed || seen.runs.every(({ state }) => state === 'done'), 'an undisturbed run is not done')
  return broken
}

function approved(response: Aftermath['interactions'][number]['response'] | undefined): boolean {
  return response?.action === 'accept' && response.answer === 'approve'
}

function count(events: readonly RunEvent[], test: (event: RunEvent) => boolean): number {
  return events.filter(test).length
}

function repliesPerTurn(events: readonly RunEvent[]): readonly number[] {
  const turns = new Map<string, number>()
  for (const event of events) {
    if (event.type !== 'reply-end') continue
    const key = `${event.runId} ${event.turn}`
    turns.set(key, (turns.get(key) ?? 0) + 1)
  }
  return [...turns.values()]
}

/** Every reply with calls is followed by their results, in the order of the calls. */
function isAnswered({ messages }: Aftermath): boolean {
  return messages.every(({ message }, index) => {
    if (message.role !== 'assistant' || message.calls.length === 0) return true
    const next = messages[index + 1]?.message
    return next?.role === 'tool' && next.results.map(({ callId }) => callId).join() === message.calls.map(({ id }) => id).join()
  })
}
