import type { Question, RunEvent } from '@countersign/core/protocol'
import { asked, called, closed, requested, started, waits } from '../../src/testing/canned-events.ts'
import { questions } from '../questions.ts'
import type { Scene, Scenes } from '../scene.ts'
import { clickButton } from '../touch.ts'

const TOOL = 'is_active_employee'
const callId = `call of ${TOOL}`
const begun: readonly RunEvent[] = [started('Is John Doe an active employee?'), called(TOOL), requested(TOOL)]
const NOON = Date.UTC(2030, 0, 1, 12)
const TEN_SECONDS = 10_000
const long = 'A message of the length that a provider may well allow, though nobody should have to compare so much of it with a telephone'

/** A scene in which a question waits, at the moment when it may be sent once more. */
function waiting(question: Question, phase: 'waiting' | 'slowed_down' | 'unreachable'): Scene {
  return {
    log: [...begun, asked(question, { callId }), waits(phase, NOON + 22_000)],
    act: (_chat, browser) => browser.advance(TEN_SECONDS),
  }
}

const ofBothKinds: Scenes = Object.fromEntries(
  (['backchannel', 'device_code'] as const).flatMap((kind): readonly (readonly [string, Scene])[] => [
    [`${kind}-waiting`, waiting(questions[kind], 'waiting')],
    [`${kind}-slowed-down`, waiting(questions[kind], 'slowed_down')],
    [`${kind}-unreachable`, waiting(questions[kind], 'unreachable')],
    [`${kind}-soon`, { log: [...begun, asked(questions[kind], { callId, createdAt: NOON - 60_000, expiresAt: NOON + 42_000 })] }],
    [
      `${kind}-refused`,
      {
        ...waiting(questions[kind], 'waiting'),
        act(chat, browser) {
          browser.advance(TEN_SECONDS)
          clickButton(chat, kind === 'backchannel' ? 'Send again' : 'Get a new code')
          const [sent] = browser.socket.sent
          browser.socket.complain(
            'it was sent 3 times; ask anew if it is still wanted',
            sent !== undefined && 'id' in sent ? sent.id : undefined,
          )
        },
      },
    ],
  ]),
)

/** What is answered on another device: before the device was asked, in every way of waiting, sent again, and with much or little to show. */
export const elsewhere: Scenes = {
  ...ofBothKinds,
  'backchannel-requested': { log: begun },
  'backchannel-live': { log: begun, live: [asked(questions.backchannel, { callId }), waits('waiting')] },
  'backchannel-sent-again': {
    log: [
      ...begun,
      asked(questions.backchannel, { callId }),
      closed('cancelled', 'It was sent once more.'),
      requested(TOOL),
      asked(questions.backchannel, { id: 'question-2', callId }),
    ],
  },
  'backchannel-bare': {
    log: [
      ...begun,
      asked({ kind: 'backchannel', text: '', backchannel: { provider: 'hr', host: 'login.example.com', scopes: [], tool: TOOL } }),
    ],
  },
  'backchannel-long': {
    log: [
      ...begun,
      asked({
        kind: 'backchannel',
        text: '',
        backchannel: {
          provider: 'hr',
          host: 'login.of.a.company.with.a.long.name.example.com',
          scopes: ['openid'],
          tool: TOOL,
          bindingMessage: long,
        },
      }),
    ],
  },
  'device_code-not-linked': {
    log: [
      ...begun,
      asked({
        kind: 'device_code',
        text: '',
        device: {
          provider: 'hr',
          host: 'login.example.com',
          scopes: [],
          tool: TOOL,
          userCode: 'WDJBMJHTKQPX',
          verificationUri: 'http://login.example.com/device',
        },
      }),
    ],
  },
  'device_code-copied': {
    log: [...begun, asked(questions.device_code, { callId })],
    act: (chat) => clickButton(chat, 'Copy the code'),
  },
}
