import type { Question } from '@countersign/core'
import { expect, test } from 'vitest'
import { checkAnswer } from '../../packages/core/src/interaction/check-answer.ts'
import { shownText } from '../../packages/core/src/interaction/shown-text.ts'
import { redactKeys } from '../../packages/core/src/tool/redact.ts'
import { subscriberOf } from '../../packages/server/src/half-open.ts'
import { browserWords } from '../../packages/server/src/identity/browser-words.ts'
import { returnAddress } from '../../packages/server/src/identity/return-path.ts'
import { verifyValue } from '../../packages/server/src/identity/signed-value.ts'
import { logText } from '../../packages/server/src/runtime/log-text.ts'
import { natAnswer } from '../../packages/server/src/transports/nat-answer.ts'
import { parseClientFrame } from '../../packages/server/src/transports/parse-client-frame.ts'

const LENGTH = 64 * 1024
const LIMIT_MS = 5
const key = { id: 'k', bytes: new Uint8Array(32) }
const options = ['red', 'light blue, almost white', 'green'].map((value) => ({ id: value, value, label: value }))
const checkbox: Question = { kind: 'checkbox', text: 'Which?', options }
const frame = (text: string): string =>
  JSON.stringify({ type: 'user_message', id: 'm', content: { messages: [{ role: 'user', content: [{ type: 'text', text }] }] } })

/** Everything that looks at a text of strangers with a pattern. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  'a frame': (text) => parseClientFrame(frame(text), 1024 * 1024),
  'the raw text of a frame': (text) => parseClientFrame(text, 1024 * 1024),
  "a frame's id": (text) => parseClientFrame(JSON.stringify({ type: 'user_message', id: text }), 1024 * 1024),
  'an answer in words': (text) => natAnswer(checkbox, [text]),
  'an answer': (text) => checkAnswer({ kind: 'text', text: 'Who?' }, { action: 'accept', answer: text }),
  'a text that is shown': shownText,
  'a cookie': (text) => verifyValue(text, [key]),
  'a way back': (text) => returnAddress(`/${text}`, 'https://chat.example'),
  'the name of a browser': browserWords,
  'an address of the network': subscriberOf,
  'a log line': logText,
  "a tool's input": (text) => redactKeys({ [text]: 'x' }),
}

/** What makes a pattern that tries too much slow: one thing again and again, and at its end what does not fit. */
const pieces = [
  'a',
  ' ',
  '\t',
  '\n',
  '-',
  '_',
  '.',
  ',',
  '/',
  '\\',
  '=',
  '?',
  '&',
  '%',
  '"',
  "'",
  '{',
  '[',
  '(',
  ':',
  '0',
  'é',
  '\u202e',
  'token=',
  'https://a?',
  'eyJaaaaaa.',
  'Bearer ',
  'a,',
  '::',
  '&amp;',
  'password_',
]

test.each(Object.entries(readers))('64 kB of anything cost %s no more than 5 ms', (_name, read) => {
  for (const piece of pieces) {
    const text = `${piece.repeat(LENGTH / piece.length)}!`
    expect([piece, bestOf(10, () => read(text)) < LIMIT_MS]).toEqual([piece, true])
  }
})

/** The least time of several: a busy machine makes some of them slow, a slow pattern all. Milliseconds. */
function bestOf(times: number, work: () => unknown): number {
  const took = Array.from({ length: times }, () => {
    const began = performance.now()
    work()
    return performance.now() - began
  })
  return Math.min(...took)
}
