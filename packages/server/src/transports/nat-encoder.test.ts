import type { InteractionState, InteractionView, LoggedEvent, Question, RunEvent } from '@countersign/core'
import type { NatFrame } from '@countersign/core/protocol'
import { describe, expect, test } from 'vitest'
import { NatEncoder } from './nat-encoder.ts'
import { kindsToReplace } from './nat-prompt.ts'

const runId = 'run-1'

/** Encodes a story, and keeps of each frame what a client acts on. */
function encode(encoder: NatEncoder, ...events: readonly RunEvent[]) {
  const logged = events.map((event, index): LoggedEvent => ({ seq: index + 1, at: Date.UTC(2026, 0, 1), event }))
  return logged.flatMap((entry) => encoder.encode(entry))
}

const asked = Date.UTC(2026, 0, 1)

/** @param parts `now`: epoch milliseconds */
function newEncoder(parts: { isNatUi?: boolean; now?: () => number } = {}): NatEncoder {
  const { isNatUi = false, now = () => asked } = parts
  let count = 0
  return new NatEncoder('conversation-1', 0, { newId: () => `frame-${(count += 1)}`, now, isNatUi, replaced: kindsToReplace(isNatUi) })
}

const start: RunEvent = { type: 'run-start', runId, messageId: 'm-17', text: 'Hi' }
const reply = (attempt: number): RunEvent => ({ type: 'reply-start', runId, turn: 1, attempt })
const delta = (attempt: number, text: string): RunEvent => ({ type: 'token-delta', runId, turn: 1, attempt, text })
const end = (attempt: number, text: string): RunEvent => ({ type: 'reply-end', runId, turn: 1, attempt, text })
const done: RunEvent = { type: 'run-end', runId, state: 'done' }

const texts = (frames: ReturnType<typeof encode>) => frames.map((frame) => ('text' in frame.content ? frame.content.text : frame.type))

test('deltas come as they are, the rest with the end of the reply, and one complete frame closes the run', () => {
  const frames = encode(newEncoder(), start, reply(1), delta(1, 'You are '), end(1, 'You are Ada.'), done)
  expect(texts(frames)).toEqual(['You are ', 'Ada.', null])
  expect(frames.at(-1)).toMatchObject({
    type: 'system_response_message',
    status: 'complete',
    parent_id: 'm-17',
    conversation_id: 'conversation-1',
  })
})

test('a client that asked for whole answers gets one', () => {
  const encoder = newEncoder()
  encoder.mode = 'whole'
  expect(texts(encode(encoder, start, reply(1), delta(1, 'You are '), end(1, 'You are Ada.'), done))).toEqual(['You are Ada.', null])
})

test('of a reply that was taken over, only its end is sent', () => {
  const frames = encode(newEncoder(), start, reply(1), delta(1, 'You '), reply(2), delta(2, 'You a'), end(2, 'You are Ada.'), done)
  expect(texts(frames)).toEqual(['You ', 'are Ada.', null])
})

test('a reply that turned out otherwise begins a new paragraph', () => {
  const frames = encode(newEncoder(), start, reply(1), delta(1, 'Perhaps'), reply(2), end(2, 'You are Ada.'), done)
  expect(texts(frames)).toEqual(['Perhaps', '\n\nYou are Ada.', null])
})

test('a failed run says why in a step, since an error alone is not shown, then as an error, then completes', () => {
  const frames = encode(newEncoder(), start, { type: 'run-end', runId, state: 'failed', sentence: 'The model failed.' })
  expect(frames).toMatchObject([
    { type: 'system_intermediate_message', content: { name: 'Failed', payload: 'The model failed.' } },
    { type: 'error_message', content: { code: 'workflow_error', details: 'The model failed.' } },
    { type: 'system_response_message', status: 'complete' },
  ])
})

test('an error behind a part of the answer needs no step', () => {
  const failed: RunEvent = { type: 'run-end', runId, state: 'failed', sentence: 'The model failed.' }
  const frames = encode(newEncoder(), start, reply(1), delta(1, 'You '), failed)
  expect(frames.map(({ type }) => type)).toEqual(['system_response_message', 'error_message', 'system_response_message'])
})

test('a stopped run says so, then completes', () => {
  const frames = encode(newEncoder(), start, { type: 'run-end', runId, state: 'cancelled', sentence: 'Stopped.' })
  expect(frames).toMatchObject([
    { type: 'system_intermediate_message', content: { name: 'Stopped', payload: 'Stopped.' } },
    { type: 'system_response_message', status: 'complete', parent_id: 'm-17' },
  ])
})

test('a run that a newer message replaced completes together with the newer one: before, it would be taken for its end', () => {
  const encoder = newEncoder()
  const newer = { type: 'run-start', runId: 'run-2', messageId: 'm-18', text: 'No' } as const
  const stopped = { type: 'run-end', runId, state: 'cancelled', sentence: 'Stopped for your newer message.' } as const
  const before = encode(encoder, start, newer, stopped)
  expect(before.map(({ type }) => type)).toEqual(['system_intermediate_message'])
  expect(encode(encoder, { type: 'run-end', runId: 'run-2', state: 'done' })).toMatchObject([
    { status: 'complete', parent_id: 'm-17' },
    { status: 'complete', parent_id: 'm-18' },
  ])
})

test('a step keeps its id from start to end, and what it shows is escaped', () => {
  const frames = encode(
    newEncoder(),
    start,
    { type: 'tool-start', runId, callId: 'call-1', tool: 'who<b>', input: { x: '<img onerror=alert(1)>' } },
    { type: 'tool-end', runId, callId: 'call-1', tool: 'who<b>', status: 'ok', output: '```</pre><script>' },
  )
  expect(frames).toMatchObject([
    { type: 'system_intermediate_message', id: 'call-1', parent_id: 'root', content: { name: 'Tool: who&lt;b&gt;' } },
    { type: 'system_intermediate_message', id: 'call-1' },
  ])
  expect(JSON.stringify(frames)).not.toMatch(/<img|<script|<b>/)
})

test('what a tool says on the way stands in its step, until its result does', () => {
  const call = { runId, callId: 'call-1', tool: 'work' } as const
  const frames = encode(
    newEncoder(),
    start,
    { type: 'tool-start', ...call, input: {} },
    { type: 'tool-progress', runId, callId: 'call-1', text: 'half <done>' },
    { type: 'tool-end', ...call, status: 'ok', output: 'worked' },
  )
  expect(frames).toMatchObject([
    { id: 'call-1', content: { name: 'Tool: work', payload: expect.stringMatching(/^\*\*Input/) } },
    { id: 'call-1', content: { name: 'Tool: work', payload: expect.stringMatching(/^\*\*Input.*half &lt;done&gt;$/s) } },
    { id: 'call-1', content: { name: 'Tool: work', payload: expect.stringMatching(/^\*\*Input.*Output.*"worked"/s) } },
  ])
})

test('a sign-in carries our start address as its text and its own id as the thread, and stands in a step with the link', () => {
  const consent = { provider: 'p', host: 'idp.example', startUrl: 'http://localhost:8000/auth/start/i1', scopes: ['openid'], tool: 't' }
  const frames = encode(newEncoder(), start, open('i1', { kind: 'oauth_consent', text: 'Sign in.', consent }))
  expect(frames).toMatchObject([
    {
      type: 'system_intermediate_message',
      id: 'i1',
      parent_id: 'call-1',
      content: { name: 'Asked: sign in at idp.example', payload: expect.stringContaining(`(${consent.startUrl})`) },
    },
    { type: 'system_interaction_message', thread_id: 'i1', content: { input_type: 'oauth_consent', text: consent.startUrl, timeout: 600 } },
  ])
})

test('the step of a question becomes the record of how it ended', () => {
  const [step, , closed] = encode(newEncoder(), start, open('i1', radio), close('i1', 'Answered: <b>Red</b> [x](y).'))
  expect(step).toMatchObject({ id: 'i1', content: { name: 'Asked: Which colour?', payload: 'Waiting for your answer.' } })
  expect(closed).toMatchObject({
    id: 'i1',
    content: { name: 'Asked: Which colour?', payload: String.raw`Answered: &lt;b&gt;Red&lt;/b&gt; \[x\](y).` },
  })
})

test('a problem with an open question is told in its step', () => {
  const encoder = newEncoder()
  encode(encoder, start, open('i1', radio))
  const update: RunEvent = { type: 'interaction-update', runId, interaction: { ...view('i1', radio), problem: 'The provider said no.' } }
  expect(encode(encoder, update)).toMatchObject([{ id: 'i1', content: { payload: 'The provider said no.\n\nWaiting for your answer.' } }])
})

describe('one question at a time', () => {
  test('a second question waits until the first is over, and then has the time that is left of its own', () => {
    let now = asked
    const encoder = newEncoder({ now: () => now })
    expect(prompts(encode(encoder, start, open('i1', radio), open('i2', name)))).toEqual(['i1'])
    now += 60_000
    const next = encode(encoder, close('i1', 'Answered: Red.'))
    expect(prompts(next)).toEqual(['i2'])
    expect(next.at(-1)).toMatchObject({ content: { input_type: 'text', timeout: 540 } })
  })

  test('a question that ends before its turn is never shown', () => {
    const encoder = newEncoder()
    const frames = encode(encoder, start, open('i1', radio), open('i2', name), close('i2', 'Withdrawn.'), close('i1', 'Answered: Red.'))
    expect(prompts(frames)).toEqual(['i1'])
  })

  test('a sign-in does not wait: no message answers it', () => {
    const consent = { provider: 'p', host: 'idp.example', startUrl: 'http://localhost:8000/auth/start/i2', scopes: [], tool: 't' }
    expect(prompts(encode(newEncoder(), start, open('i1', radio), open('i2', { kind: 'oauth_consent', text: '', consent })))).toEqual([
      'i1',
      'i2',
    ])
  })

  test("a notification waits, too, and takes nobody's turn", () => {
    const encoder = newEncoder()
    const frames = encode(encoder, start, open('i1', radio), open('n1', note, 'answered'), open('i2', name))
    expect(prompts(frames)).toEqual(['i1'])
    expect(prompts(encode(encoder, close('i1', 'Answered: Red.')))).toEqual(['n1', 'i2'])
  })

  test('a client that comes back is shown what is open, not what was over before', () => {
    const encoder = newEncoder()
    encoder.isCatchingUp = true
    const missed = encode(encoder, start, open('i1', radio), close('i1', 'Answered: Red.'), open('i2', name))
    expect(prompts(missed)).toEqual([])
    encoder.isCatchingUp = false
    expect(prompts(encoder.questions())).toEqual(['i2'])
    expect(prompts(encoder.questions('i1'))).toEqual([])
  })
})

describe("NAT's own UI", () => {
  test('a question that ended elsewhere is taken off its screen by a notification of how it ended', () => {
    const frames = encode(newEncoder({ isNatUi: true }), start, open('i1', radio), close('i1', 'Answered: Red.'))
    expect(frames.at(-1)).toMatchObject({
      type: 'system_interaction_message',
      content: { input_type: 'notification', text: 'Answered: Red.' },
    })
  })

  test.each<readonly [string, (encoder: NatEncoder) => void, InteractionState]>([
    ['one that it answered itself', (encoder) => encoder.line.expect('i1'), 'answered'],
    ['one that expired, which it sees itself', () => undefined, 'expired'],
  ])('%s needs none', (_what, prepare, state) => {
    const encoder = newEncoder({ isNatUi: true })
    encode(encoder, start, open('i1', radio))
    prepare(encoder)
    expect(prompts(encode(encoder, close('i1', 'Over.', state)))).toEqual([])
  })

  test('gets other kinds for those that it is dead with', () => {
    const options = radio.options
    const frames = encode(newEncoder({ isNatUi: true }), start, open('i1', { kind: 'dropdown', text: 'Which?', options }))
    expect(frames.at(-1)).toMatchObject({ content: { input_type: 'radio', options: [{ value: 'red' }, { value: 'blue' }] } })
  })
})

const radio = {
  kind: 'radio',
  text: 'Which colour?',
  options: [
    { id: 'red', label: 'Red', value: 'red' },
    { id: 'blue', label: 'Blue', value: 'blue' },
  ],
} as const
const name = { kind: 'text', text: 'Your name?' } as const
const note = { kind: 'notification', text: 'It has begun.' } as const

function view(id: string, question: Question, state: InteractionState = 'pending'): InteractionView {
  return { id, runId, callId: 'call-1', question, state, createdAt: asked, expiresAt: asked + 600_000 }
}

function open(id: string, question: Question, state?: InteractionState): RunEvent {
  return { type: 'interaction-open', runId, interaction: view(id, question, state) }
}

function close(interactionId: string, sentence: string, state: InteractionState = 'answered'): RunEvent {
  return { type: 'interaction-close', runId, interactionId, sentence, state: state === 'pending' ? 'answered' : state }
}

/** The ids of the questions that were shown. */
function prompts(frames: readonly NatFrame[]): readonly string[] {
  return frames.flatMap(({ type, id }) => (type === 'system_interaction_message' ? [id] : []))
}
