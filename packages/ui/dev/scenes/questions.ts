import type { InteractionState, Question, RunEvent } from '@countersign/core/protocol'
import { asked, called, closed, replied, signIn, started, updated } from '../../src/testing/canned-events.ts'
import { questions } from '../questions.ts'
import type { Scene, Scenes } from '../scene.ts'
import { clickButton, focusButton, openDetails, write } from '../touch.ts'

const help = started('Please help me with this.')
const long = 'The assistant found several things it is not sure about, and would rather ask than guess. '.repeat(4)
const longLabel = 'An option whose words are much longer than what usually stands on one, so that they have to be broken somewhere'

/** How each end reads in the record; the words are the server's. */
const ends: Readonly<Record<Exclude<InteractionState, 'pending'>, (question: Question) => string>> = {
  answered: ({ kind }) => ANSWERED[kind] ?? 'Answered: Work.',
  declined: ({ kind }) => DECLINED[kind] ?? 'Declined.',
  cancelled: ({ kind }) => CANCELLED[kind] ?? 'Withdrawn: you asked something else.',
  expired: ({ kind }) => EXPIRED[kind] ?? 'The question expired before it was answered.',
  failed: () => 'The question failed.',
}

type ByKind = Readonly<Record<string, string>>

const ANSWERED: ByKind = {
  text: 'Answered: “Lisbon”.',
  notification: 'Noted.',
  binary_choice: 'Answered: Go on.',
  checkbox: 'Answered: Sales, Costs.',
  dropdown: 'Answered: Europe.',
  oauth_consent: 'Signed in at login.example.com.',
  backchannel: 'Approved on the other device.',
  device_code: 'Signed in at login.example.com.',
}

const DECLINED: ByKind = {
  oauth_consent: 'You declined to sign in at login.example.com.',
  backchannel: 'Denied on the other device.',
  device_code: 'The sign-in at login.example.com was declined.',
}

const CANCELLED: ByKind = {
  oauth_consent: 'The sign-in was cancelled.',
  backchannel: 'The request on the other device was cancelled.',
  device_code: 'The sign-in was cancelled.',
}

const EXPIRED: ByKind = {
  oauth_consent: 'The sign-in expired before it was finished.',
  backchannel: 'Nobody answered the request on the other device in time.',
  device_code: 'The sign-in expired before it was finished.',
}

function everyEnd(question: Question, approval?: Readonly<Record<string, string>>): readonly RunEvent[] {
  return Object.entries(ends).flatMap(([state, sentence]) => {
    const end = state as keyof typeof ends
    const by = end === 'expired' || end === 'failed' ? 'system' : 'ada'
    return [asked(question, { id: state }), closed(end, approval?.[state] ?? sentence(question), { id: state, by })]
  })
}

const approvalEnds = {
  answered: 'Approved: transfer_money.',
  declined: 'Denied: transfer_money. Reason: “wrong account, use the one for savings”.',
  cancelled: 'The approval of transfer_money was cancelled.',
  expired: 'The approval of transfer_money expired before it was answered.',
}

const ofEveryKind: Scenes = Object.fromEntries(
  Object.entries(questions).flatMap(([name, question]): readonly (readonly [string, Scene])[] => [
    [`${name}-open`, { log: [help, asked(question)] }],
    [`${name}-problem`, { log: [help, asked(question), updated(question, { problem: 'That could not be taken. Please try again.' })] }],
    [`${name}-ends`, { log: [help, ...everyEnd(question, name === 'approval' ? approvalEnds : undefined)] }],
  ]),
)

/** Every kind of question: open, with a problem, and in each end; and several at once. */
export const asking: Scenes = {
  ...ofEveryKind,
  'record-open': {
    log: [help, ...everyEnd(questions.approval, approvalEnds).slice(0, 2), ...everyEnd(signIn).slice(2, 4)],
    act: openDetails,
  },
  'binary_choice-focus': { live: [help, asked(questions.binary_choice)] },
  'approval-confirm': {
    log: [help, asked(questions.approval)],
    act(chat, browser) {
      browser.advance(400)
      clickButton(chat, 'Transfer 50 EUR')
    },
  },
  'approval-reason': {
    log: [help, asked(questions.approval)],
    act(chat) {
      openDetails(chat)
      write(chat, 'Wrong account: use the one for savings.')
      focusButton(chat, 'Do not transfer')
    },
  },
  'text-sending': {
    log: [help, asked(questions.text)],
    act(chat) {
      write(chat, 'Lisbon')
      clickButton(chat, 'Send answer')
    },
  },
  'text-soon': { log: [help, asked(questions.text, { expiresAt: Date.UTC(2030, 0, 1, 12, 0, 42) })] },
  'text-late': { log: [help, asked(questions.text, { expiresAt: Date.UTC(2030, 0, 1, 11) })] },
  several: {
    log: [
      started('Plan my trip.'),
      ...replied('A few things first.'),
      called('trains'),
      called('hotels'),
      asked(questions.radio, { id: 'question-1', callId: 'call of trains' }),
      asked(questions.approval, { id: 'question-2', callId: 'call of hotels', expiresAt: Date.UTC(2030, 0, 1, 12, 0, 50) }),
      asked(questions.text, { id: 'question-3' }),
      closed('answered', 'Answered: “Lisbon”.', { id: 'question-3', by: 'ada' }),
    ],
  },
  'long-question': {
    log: [
      help,
      asked({
        kind: 'radio',
        text: long,
        options: [
          { id: 'a', label: longLabel, value: 'a', description: long },
          { id: 'b', label: 'Short', value: 'b' },
        ],
      }),
    ],
  },
  'long-choice': {
    log: [
      help,
      asked({
        kind: 'binary_choice',
        text: long,
        options: [
          { id: 'a', label: longLabel, value: 'a' },
          { id: 'b', label: longLabel, value: 'b' },
        ],
        approval: {
          tool: 'a_tool_with_quite_a_long_name_indeed',
          arguments: { text: long, list: { of: ['many', 'things'], that: long } },
          risk: 'medium',
        },
      }),
    ],
  },
  'right-to-left-question': {
    log: [
      started('ساعدني'),
      asked({
        kind: 'binary_choice',
        text: 'هل تريد تحويل 50 يورو إلى DE02 1203؟',
        options: [
          { id: 'y', label: 'نعم، حوّل', value: 'yes' },
          { id: 'n', label: 'لا', value: 'no' },
        ],
      }),
      asked(questions.text, { id: 'question-2' }),
      closed('answered', 'Answered: “لشبونة”.', { id: 'question-2', by: 'ada' }),
    ],
  },
}
