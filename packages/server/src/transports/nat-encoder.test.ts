import type { LoggedEvent, RunEvent } from '@countersign/core'
import { expect, test } from 'vitest'
import { NatEncoder } from './nat-encoder.ts'

const runId = 'run-1'

/** Encodes a story, and keeps of each frame what a client acts on. */
function encode(encoder: NatEncoder, ...events: readonly RunEvent[]) {
  const logged = events.map((event, index): LoggedEvent => ({ seq: index + 1, at: Date.UTC(2026, 0, 1), event }))
  return logged.flatMap((entry) => encoder.encode(entry))
}

function newEncoder(): NatEncoder {
  let count = 0
  return new NatEncoder('conversation-1', () => `frame-${(count += 1)}`)
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

test('a failed run says why, then completes', () => {
  const frames = encode(newEncoder(), start, { type: 'run-end', runId, state: 'failed', sentence: 'The model failed.' })
  expect(frames).toMatchObject([
    { type: 'error_message', content: { code: 'workflow_error', details: 'The model failed.' } },
    { type: 'system_response_message', status: 'complete' },
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

test('a sign-in carries our start address as its text and its own id as the thread', () => {
  const consent = { provider: 'p', host: 'idp.example', startUrl: 'http://localhost:8000/auth/start/i1', scopes: ['openid'], tool: 't' }
  const interaction = {
    id: 'i1',
    runId,
    callId: 'c1',
    question: { kind: 'oauth_consent', text: 'Sign in.', consent },
    state: 'pending',
  } as const
  const at = Date.UTC(2026, 0, 1)
  const frames = encode(newEncoder(), start, {
    type: 'interaction-open',
    runId,
    interaction: { ...interaction, createdAt: at, expiresAt: at + 600_000 },
  })
  expect(frames).toMatchObject([
    { type: 'system_interaction_message', thread_id: 'i1', content: { input_type: 'oauth_consent', text: consent.startUrl, timeout: 600 } },
  ])
})
