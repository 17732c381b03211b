import type { RunEvent } from '@countersign/core/protocol'
import { expect, test } from 'vitest'
import {
  asked,
  called,
  closed,
  ended,
  finished,
  replied,
  replying,
  requested,
  signIn,
  started,
  updated,
  waits,
} from '../testing/canned-events.ts'
import { emptyChat, isBusy, openQuestions, type ChatState } from './chat-state.ts'
import { reduce } from './reducer.ts'

const CHAT = 'conversation-1'

test('a run becomes one turn with its replies, steps and questions in order', () => {
  const state = chatOf([
    started('hello'),
    ...replied('a moment'),
    called('whoami'),
    asked(signIn),
    ended('whoami', 'Ada'),
    ...replied('you are Ada', 2),
  ])
  expect(state.turns).toHaveLength(1)
  expect(state.turns[0]?.items.map(({ kind }) => kind)).toEqual(['reply', 'step', 'question', 'reply'])
})

test('deltas add up and the end replaces them', () => {
  expect(textOf(chatOf([started('hi'), ...replying('half a word')]))).toBe('half a word')
  const end: RunEvent = { type: 'reply-end', runId: 'run-1', turn: 1, attempt: 1, text: 'the whole' }
  expect(textOf(chatOf([started('hi'), ...replying('half a word'), end]))).toBe('the whole')
})

test('a higher attempt voids what an older one said, whenever it says it', () => {
  const delta = (attempt: number, text: string): RunEvent => ({ type: 'token-delta', runId: 'run-1', turn: 1, attempt, text })
  const again: RunEvent = { type: 'reply-start', runId: 'run-1', turn: 1, attempt: 2 }
  expect(textOf(chatOf([started('hi'), ...replying('wrong'), again, delta(2, 'right'), delta(1, ' wrong')]))).toBe('right')
})

test('an event that was already seen changes nothing', () => {
  const log = [started('hi'), ...replying('once')]
  const state = chatOf(log)
  expect(fold(state, log)).toEqual(state)
})

test('a missing event stops the folding until the client reconnects', () => {
  const state = fold(chatOf([started('hi')]), [called('whoami')], 5)
  expect(state).toMatchObject({ hasGap: true, lastSeq: 1 })
  const healed = fold(reduce(state, { type: 'reconnect' }), [called('whoami')], 1)
  expect(healed).toMatchObject({ hasGap: false, lastSeq: 2 })
})

test('an event that follows on the last one kept is no gap; one that follows on a missing one is', () => {
  const logged = { type: 'event_message', conversation_id: CHAT, seq: 9, at: 0, event: called('whoami') } as const
  const state = chatOf([started('hi')])
  expect(reduce(state, { type: 'frame', frame: { ...logged, after: 1 } })).toMatchObject({ hasGap: false, lastSeq: 9 })
  expect(reduce(state, { type: 'frame', frame: { ...logged, after: 2 } })).toMatchObject({ hasGap: true, lastSeq: 1 })
})

test('a log whose beginning is gone takes the place of what was shown, not of what is on its way', () => {
  const early = reduce(chatOf([started('old', 'run-1', 'm1')]), say('m2', 'new'))
  const cut = reduce(early, { type: 'frame', frame: { type: 'snapshot_message', conversation_id: CHAT, seq: 40 } })
  const state = fold(cut, [started('kept', 'run-2', 'm3')], 40)
  expect(state).toMatchObject({ isShortened: true, hasGap: false, lastSeq: 41 })
  expect(state.turns.map(({ text }) => text)).toEqual(['kept', 'new'])
})

test('a log whose beginning is gone changes nothing for whoever has seen that', () => {
  const state = chatOf([started('seen')])
  expect(reduce(state, { type: 'frame', frame: { type: 'snapshot_message', conversation_id: CHAT, seq: 1 } })).toBe(state)
})

test('a log that ends before the server says it does has a gap', () => {
  const frame = { type: 'caught_up_message', conversation_id: CHAT, seq: 3 } as const
  expect(reduce(chatOf([started('hi')]), { type: 'frame', frame }).hasGap).toBe(true)
})

test('a message shown early is the same turn once the server accepted it', () => {
  const early = reduce(reduce(emptyChat(CHAT), say('m1', 'one')), say('m2', 'two'))
  const state = fold(early, [started('one', 'run-1', 'm1')])
  expect(state.turns.map(({ messageId, runId }) => [messageId, runId])).toEqual([
    ['m1', 'run-1'],
    ['m2', null],
  ])
})

test('a turn that another tab began stands before messages still on their way', () => {
  const state = fold(reduce(emptyChat(CHAT), say('mine', 'mine')), [started('theirs', 'run-9', 'theirs')])
  expect(state.turns.map(({ text }) => text)).toEqual(['theirs', 'mine'])
})

test('a call waits while its question is open and runs on once it is answered', () => {
  const callId = 'call of whoami'
  const log = [
    started('hi'),
    called('whoami'),
    { type: 'tool-wait', runId: 'run-1', callId, tool: 'whoami' } as const,
    asked(signIn, { callId }),
  ]
  expect(chatOf(log).turns[0]?.items[0]).toMatchObject({ status: 'waiting' })
  expect(chatOf([...log, closed('answered', 'Signed in.')]).turns[0]?.items[0]).toMatchObject({ status: 'running' })
})

test('a question counts as open until it is closed, and a problem is kept with it', () => {
  const open = chatOf([started('hi'), asked(signIn), updated(signIn, { problem: 'try again' })])
  expect(openQuestions(open).map(({ view }) => view.problem)).toEqual(['try again'])
  const state = fold(open, [closed('declined', 'You declined.')], 3)
  expect(openQuestions(state)).toEqual([])
  expect(state.turns[0]?.items[0]).toMatchObject({ end: { state: 'declined', sentence: 'You declined.' } })
})

test('the end of a run settles the calls it left and frees the composer', () => {
  const running = chatOf([started('hi'), called('whoami')])
  expect(isBusy(running)).toBe(true)
  const state = fold(reduce(running, { type: 'stop' }), [finished('cancelled', 'Stopped by you.')], 2)
  expect(isBusy(state)).toBe(false)
  expect(state.turns[0]).toMatchObject({
    isStopping: false,
    end: { state: 'cancelled', sentence: 'Stopped by you.' },
    items: [{ status: 'cancelled' }],
  })
})

test('a complaint is told where the frame it names stands, and frees the responses under way', () => {
  const state = reduce(fold(reduce(emptyChat(CHAT), say('m1', 'x')), [started('hi'), asked(signIn)]), respond())
  const message = reduce(state, complaint('m1'))
  expect(message).toMatchObject({ complaint: null, turns: [{ rejection: null }, { rejection: 'The text is too long.' }] })
  expect(openQuestions(message)[0]).toMatchObject({ responseId: null, refusal: null })
  const response = reduce(state, complaint('r1'))
  expect(response).toMatchObject({ complaint: null, turns: [{ rejection: null }, { rejection: null }] })
  expect(openQuestions(response)[0]).toMatchObject({ responseId: null, refusal: 'The text is too long.' })
})

test('a complaint that names nothing shown here stands below all, and still frees the responses under way', () => {
  const state = reduce(reduce(chatOf([started('hi'), asked(signIn)]), respond()), complaint('default'))
  expect(state.complaint).toBe('The text is too long.')
  expect(openQuestions(state)[0]).toMatchObject({ responseId: null, refusal: null })
})

test('a refusal is over with the next response, and with the news of the question', () => {
  const refused = reduce(reduce(chatOf([started('hi'), asked(signIn)]), respond()), complaint('r1'))
  expect(openQuestions(reduce(refused, respond()))[0]).toMatchObject({ responseId: 'r1', refusal: null })
  expect(openQuestions(fold(refused, [updated(signIn, { problem: 'p' })], 2))[0]).toMatchObject({ refusal: null })
})

test('the newest word of a wait replaces the one before, and an update of its question leaves it', () => {
  const log = [started('hi'), called('hr'), requested('hr'), asked(signIn), waits('slowed_down', 1), waits('unreachable', 2)]
  const state = chatOf([...log, updated(signIn, { problem: 'p' })])
  expect(openQuestions(state)[0]).toMatchObject({ wait: { phase: 'unreachable', nextPollAt: 2 }, view: { problem: 'p' } })
  expect(state.turns[0]?.items[0]).toMatchObject({ kind: 'step', status: 'asking' })
  const other = {
    type: 'authorization-wait',
    runId: 'run-1',
    interactionId: 'nobody asked',
    wait: { phase: 'waiting', nextPollAt: 3, expiresAt: 9 },
  }
  expect(openQuestions(fold(state, [other as RunEvent], log.length + 1))).toEqual(openQuestions(state))
})

test('a call that was asking when its run ended is stopped', () => {
  expect(chatOf([started('hi'), called('hr'), requested('hr'), finished('cancelled')]).turns[0]?.items[0]).toMatchObject({
    status: 'cancelled',
  })
})

test('neither an unknown kind of event nor a frame of another conversation disturbs the fold', () => {
  const unknown = { type: 'weather-change', runId: 'run-1' } as unknown as RunEvent
  const state = chatOf([started('hi'), unknown, ...replied('still here')])
  expect(textOf(state)).toBe('still here')
  const foreign = { type: 'event_message', conversation_id: 'other', seq: state.lastSeq + 1, at: 0, event: finished() } as const
  expect(reduce(state, { type: 'frame', frame: foreign })).toBe(state)
})

test('states are never changed, only followed by new ones', () => {
  const log = [started('hi'), ...replied('a'), called('t'), asked(signIn), closed('answered', 'ok'), ended('t', 1), finished()]
  const frozen = log.reduce((state, event, index) => deepFreeze(fold(state, [event], index)), deepFreeze(emptyChat(CHAT)))
  expect(frozen.lastSeq).toBe(log.length)
})

function chatOf(log: readonly RunEvent[]): ChatState {
  return fold(emptyChat(CHAT), log)
}

function fold(state: ChatState, log: readonly RunEvent[], after = 0): ChatState {
  return log.reduce((folded, event, index) => {
    const frame = { type: 'event_message', conversation_id: CHAT, seq: after + index + 1, at: index, event } as const
    return reduce(folded, { type: 'frame', frame })
  }, state)
}

function textOf(state: ChatState): string | undefined {
  const item = state.turns[0]?.items[0]
  return item?.kind === 'reply' ? item.text : undefined
}

function say(messageId: string, text: string) {
  return { type: 'say', messageId, text, at: 0 } as const
}

function respond() {
  return { type: 'respond', interactionId: 'question-1', responseId: 'r1' } as const
}

function complaint(parent: string) {
  const content = { code: 'invalid_user_message_content', message: 'InvalidMessage', details: 'the text is too long' } as const
  const ids = { id: 'e', thread_id: '', parent_id: parent, conversation_id: CHAT, timestamp: '' }
  return { type: 'frame', frame: { type: 'error_message', ...ids, status: 'in_progress', content } } as const
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value)
    for (const part of Object.values(value)) deepFreeze(part)
  }
  return value
}
