import type { Rows, RunEvent } from '@countersign/core'
import { expect, test } from 'vitest'
import { type Fault, Findings } from './findings.ts'
import { type Evidence, inspectEnd } from './inspect-conversation.ts'

const about = { runId: 'r1' }
const question = {
  id: 'q1',
  runId: 'r1',
  callId: 'c1',
  question: { kind: 'text', text: 'Approve?' },
  state: 'pending',
  createdAt: 0,
  expiresAt: 1,
} as const
const events: readonly RunEvent[] = [
  { ...about, type: 'run-start', messageId: 'm1', text: 'pay' },
  { ...about, type: 'reply-end', turn: 1, attempt: 1, text: 'Let me see.' },
  { ...about, type: 'interaction-open', interaction: question },
  { ...about, type: 'interaction-close', interactionId: 'q1', state: 'answered', sentence: 'Approved.' },
  { ...about, type: 'tool-end', callId: 'c1', tool: 'pay', status: 'ok', output: { receipt: 1 } },
  { ...about, type: 'reply-end', turn: 2, attempt: 1, text: 'Done.' },
  { ...about, type: 'run-end', state: 'done' },
]
const log = events.map((event, index) => ({ seq: index + 1, at: 0, event }))
// Of the rows, only what an inspection reads.
const approval = {
  id: 'q1',
  callId: 'c1',
  place: 'approval',
  state: 'answered',
  response: { action: 'accept', answer: 'approve' },
} as unknown as Rows['interactions']
const history = [
  { role: 'user', text: 'pay' },
  { role: 'assistant', text: 'Let me see.', calls: [{ id: 'c1', tool: 'pay', input: {} }] },
  { role: 'tool', results: [{ callId: 'c1', tool: 'pay', status: 'ok', output: { receipt: 1 } }] },
  { role: 'assistant', text: 'Done.', calls: [] },
] as const satisfies readonly Rows['messages']['message'][]
const deed = { tool: 'pay', conversationId: 'x', callId: 'c1', key: 'c1', pid: 1, receipt: 1 }
const whole: Evidence = {
  conversation: { id: 'x', seq: 7, auditNumber: 0, auditHead: '' } as unknown as Rows['conversations'],
  runs: [{ id: 'r1', messageId: 'm1', state: 'done', endedAt: 1 } as unknown as Rows['runs']],
  events,
  seqs: events.map((_, index) => index + 1),
  messages: history.map((message, index) => ({ conversationId: 'x', position: index + 1, runId: 'r1', message })),
  interactions: [approval],
  audits: [],
  auditIsWhole: true,
  unrecorded: [],
  deeds: [deed],
  record: { conversationId: 'x', messages: ['m1'], answers: new Map([['q1', new Set(['approve', 'deny'])]]), seen: [log, log], jumps: [] },
}

function found(evidence: Evidence): Record<Fault, readonly string[]> {
  const { lost, doubled } = inspect(evidence)
  return { lost, doubled }
}

function inspect(evidence: Evidence): Findings {
  const findings = new Findings()
  inspectEnd(evidence, findings)
  return findings
}

test('a conversation that went as it must shows nothing', () => {
  expect(found(whole)).toEqual({ lost: [], doubled: [] })
})

const without = (type: RunEvent['type']): readonly RunEvent[] => events.filter((event) => event.type !== type)
const twice = (type: RunEvent['type']): readonly RunEvent[] => events.flatMap((event) => (event.type === type ? [event, event] : [event]))
const answered = (answer: string): Rows['interactions'] => ({ ...approval, response: { action: 'accept', answer } })
const wrong: readonly (readonly [string, Fault, string, Partial<Evidence>])[] = [
  ['a question that is gone', 'lost', 'question q1 is gone', { interactions: [] }],
  [
    'a question that nobody was told the end of',
    'lost',
    'question q1 is answered, and nobody was told',
    { events: without('interaction-close') },
  ],
  ['a question that is left open', 'lost', 'question q1 was left open', { interactions: [{ ...approval, state: 'pending' }] }],
  ['a question with two ends', 'doubled', 'question q1 was closed 2 times', { events: twice('interaction-close') }],
  ['an answer that nobody gave', 'doubled', 'question q1 has an answer that nobody gave', { interactions: [answered('yes')] }],
  ['a deed that was denied', 'doubled', 'pay c1 was done, and nobody approved it', { interactions: [answered('deny')] }],
  ['a deed that was done twice', 'doubled', 'pay c1 was done 2 times, and 1 were allowed', { deeds: [deed, { ...deed, receipt: 2 }] }],
  ['a deed of no call', 'doubled', 'pay was done for a call that nobody made', { deeds: [deed, { ...deed, callId: 'c2' }] }],
  ['a result without its deed', 'lost', 'pay c1 says that it was done, and it was not', { deeds: [] }],
  ['a call without a result', 'lost', 'pay c1 has no result', { events: without('tool-end') }],
  ['a call with two results', 'doubled', 'pay c1 has 2 results', { events: twice('tool-end') }],
  [
    'a history without results',
    'lost',
    'message 2 has calls without results',
    { messages: whole.messages.filter(({ position }) => position !== 3) },
  ],
  ['a message that is gone', 'lost', 'the run of message m1 is missing', { runs: [] }],
  ['a message that was taken twice', 'doubled', 'the start of message m1 stands 2 times', { events: twice('run-start') }],
  ['a run without an end', 'lost', 'the end of message m1 is missing', { events: without('run-end') }],
  ['a reply that was given twice', 'doubled', 'reply r1 1 stands 2 times', { events: twice('reply-end') }],
  ['a log with a gap', 'lost', 'the log has a gap', { seqs: [1, 2, 4, 5, 6, 7, 8] }],
  [
    'an event that is not what was shown',
    'lost',
    'event 7 is not what somebody was shown',
    { events: [...events.slice(0, 6), { ...about, type: 'run-end', state: 'failed' }] },
  ],
  [
    'a tab that was not shown all',
    'lost',
    'somebody was shown 6 of 7 events',
    { record: { ...whole.record, seen: [log, log.slice(0, 6)] } },
  ],
  ['a broken chain', 'lost', 'the audit chain is broken', { auditIsWhole: false }],
]

test.each(wrong)('%s is found (%s: %s)', (...[, fault, sentence, change]) => {
  expect(found({ ...whole, ...change })[fault]).toContain(sentence)
})

test('a deed may be done once more for each time that somebody said so', () => {
  const rerun = { ...approval, id: 'q2', place: 'rerun:1', response: { action: 'accept', answer: 'run' } } as const
  const record = { ...whole.record, answers: new Map([...whole.record.answers, ['q2', new Set(['run'])]]) }
  const { doubled } = inspect({ ...whole, interactions: [approval, rerun], deeds: [deed, { ...deed, receipt: 2 }], record })
  expect(doubled).toEqual([])
})
