import type { InteractionState, InteractionView, JsonValue, Question, RunEvent, WaitProgress } from '@countersign/core/protocol'

const NOON = Date.UTC(2030, 0, 1, 12)

/** A run begins with a person's words. */
export function started(text: string, runId = 'run-1', messageId = `message of ${runId}`): RunEvent {
  return { type: 'run-start', runId, messageId, text }
}

/** A model's whole reply, in two pieces. */
export function replied(text: string, turn = 1, runId = 'run-1'): readonly RunEvent[] {
  return [...replying(text, turn, runId), { type: 'reply-end', runId, turn, attempt: 1, text }]
}

/** A model's reply that is not complete yet. */
export function replying(text: string, turn = 1, runId = 'run-1'): readonly RunEvent[] {
  const half = Math.ceil(text.length / 2)
  const delta = (part: string): RunEvent => ({ type: 'token-delta', runId, turn, attempt: 1, text: part })
  return [{ type: 'reply-start', runId, turn, attempt: 1 }, delta(text.slice(0, half)), delta(text.slice(half))]
}

/** A tool was called. */
export function called(tool: string, input: JsonValue = {}, callId = `call of ${tool}`): RunEvent {
  return { type: 'tool-start', runId: 'run-1', callId, tool, input }
}

/** A tool call ended. */
export function ended(tool: string, output: JsonValue, status: 'ok' | 'refused' | 'failed' | 'cancelled' = 'ok'): RunEvent {
  return { type: 'tool-end', runId: 'run-1', callId: `call of ${tool}`, tool, status, output }
}

/** A question was put to the person. */
export function asked(question: Question, more: Partial<InteractionView> = {}): RunEvent {
  return { type: 'interaction-open', runId: 'run-1', interaction: viewOf(question, more) }
}

/** Something about an open question changed. */
export function updated(question: Question, more: Partial<InteractionView>): RunEvent {
  return { type: 'interaction-update', runId: 'run-1', interaction: viewOf(question, more) }
}

/** Whoever has another device is about to be asked for a tool. */
export function requested(tool: string): RunEvent {
  return { type: 'authorization-request', runId: 'run-1', callId: `call of ${tool}`, tool, host: 'login.example.com' }
}

/** How the wait for another device goes; asked next five seconds after it was asked, unless told. */
export function waits(phase: WaitProgress['phase'], nextPollAt = NOON + 5000): RunEvent {
  return { type: 'authorization-wait', runId: 'run-1', interactionId: 'question-1', wait: { phase, nextPollAt, expiresAt: NOON + 300_000 } }
}

/** A question ended, by Ada unless told. */
export function closed(
  state: Exclude<InteractionState, 'pending'>,
  sentence: string,
  { id = 'question-1', by = 'ada' }: { readonly id?: string; readonly by?: string } = {},
): RunEvent {
  return { type: 'interaction-close', runId: 'run-1', interactionId: id, state, sentence, by }
}

/** The run ended. */
export function finished(state: 'done' | 'failed' | 'cancelled' = 'done', sentence?: string): RunEvent {
  return { type: 'run-end', runId: 'run-1', state, ...(sentence === undefined ? {} : { sentence }) }
}

/** A sign-in at a provider, as the demo asks for it. */
export const signIn: Question = {
  kind: 'oauth_consent',
  text: 'the text of the question',
  consent: {
    provider: 'demo',
    host: 'login.example.com',
    startUrl: 'https://chat.example/auth/start/question-1',
    scopes: ['openid', 'profile', 'email', 'offline_access', 'calendar.read'],
    tool: 'whoami',
  },
}

function viewOf(question: Question, more: Partial<InteractionView>): InteractionView {
  const times = { createdAt: NOON, expiresAt: NOON + 300_000 }
  return { id: 'question-1', runId: 'run-1', callId: null, question, state: 'pending', ...times, ...more }
}
