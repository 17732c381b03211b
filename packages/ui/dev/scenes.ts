import type { Question, RunEvent } from '@countersign/core/protocol'
import type { CountersignChat } from '../src/elements/countersign-chat.ts'
import { asked, called, closed, ended, finished, replied, replying, signIn, started, updated } from '../src/testing/canned-events.ts'
import type { VirtualBrowser } from '../src/testing/virtual-browser.ts'
import { clickButton, openDetails } from './touch.ts'

/** One state of the chat: what was logged before, what happens live, and what the person then does. */
export interface Scene {
  readonly browser?: (browser: VirtualBrowser) => void
  readonly log?: readonly RunEvent[]
  readonly live?: readonly RunEvent[]
  readonly act?: (chat: CountersignChat, browser: VirtualBrowser) => Promise<void> | void
}

const before = [started('Who am I logged in as?'), ...replied('I will look that up.'), called('whoami')]
const wait: RunEvent = { type: 'tool-wait', runId: 'run-1', callId: 'call of whoami', tool: 'whoami' }
const consent = [...before, wait, asked(signIn, { callId: 'call of whoami' })]

const answer = `You are signed in as **Ada Lovelace** (\`ada@example.com\`).

### What I did

1. Asked for your consent at the provider
2. Read your profile with the tool \`whoami\`

| field | value |
| --- | --- |
| name | Ada Lovelace |
| e-mail | ada@example.com |

\`\`\`json
{ "sub": "ada", "name": "Ada Lovelace", "email": "ada@example.com" }
\`\`\`

> Nothing was changed. See [the notes](https://docs.example.org/notes) for more.`

const questions: Readonly<Record<string, Question>> = {
  text: { kind: 'text', text: 'Which city do you want the weather for?', placeholder: 'For example: Lisbon', required: true },
  notification: { kind: 'notification', text: 'The export will be kept for 30 days.' },
  binary: {
    kind: 'binary_choice',
    text: 'Shall I go on with the second half?',
    options: [
      { id: 'y', label: 'Go on', value: 'yes' },
      { id: 'n', label: 'Stop here', value: 'no' },
    ],
  },
  approval: {
    kind: 'binary_choice',
    text: 'The assistant wants to transfer money from your account.',
    options: [
      { id: 'y', label: 'Transfer 50 EUR', value: 'approve' },
      { id: 'n', label: 'Do not transfer', value: 'decline' },
    ],
    approval: {
      tool: 'transfer_money',
      arguments: { to: 'DE02 1203 0000 0000 2020 51', amount: 50, currency: 'EUR', tags: ['rent', 'may'] },
      risk: 'high',
    },
  },
  radio: {
    kind: 'radio',
    text: 'Which calendar shall the meeting go to?',
    options: [
      { id: 'a', label: 'Work', value: 'work', description: 'Shared with your team' },
      { id: 'b', label: 'Private', value: 'private' },
      { id: 'c', label: 'Family', value: 'family', description: 'Seen by four people' },
    ],
  },
  checkbox: {
    kind: 'checkbox',
    text: 'Which reports shall be sent?',
    options: [
      { id: 'a', label: 'Sales', value: 'sales' },
      { id: 'b', label: 'Costs', value: 'costs', description: 'Contains salaries' },
    ],
  },
  dropdown: {
    kind: 'dropdown',
    text: 'Which region?',
    options: [
      { id: 'a', label: 'Europe', value: 'eu' },
      { id: 'b', label: 'Asia', value: 'as' },
    ],
  },
  // A kind that only a newer server knows.
  unknown: { kind: 'signature', text: 'Please sign here.', pad: { width: 300 } } as unknown as Question,
}

const cards = Object.fromEntries(
  Object.entries(questions).map(([name, question]): [string, Scene] => [
    `card-${name}`,
    { log: [started('Please help me with this.'), asked(question)] },
  ]),
)

const ends: readonly RunEvent[] = (
  [
    ['answered', 'Signed in at login.example.com.'],
    ['declined', 'You declined at login.example.com. Nothing was shared.'],
    ['cancelled', 'You cancelled the sign-in.'],
    ['expired', 'The time to sign in ran out. Ask again to get a new sign-in.'],
    ['failed', 'login.example.com could not finish the sign-in.'],
  ] as const
).flatMap(([state, sentence]) => [asked(signIn, { id: state }), closed(state, sentence, state)])

function signedIn(browser: VirtualBrowser): void {
  const scopes = ['openid', 'profile', 'email']
  const connection = { provider: 'demo', host: 'login.example.com', scopes, expiresAt: Date.UTC(2030, 0, 1, 13) }
  Object.assign(browser, { me: { ...browser.me, connections: [connection] } })
}

/** Every state the chat can be looked at in. */
export const scenes: Readonly<Record<string, Scene>> = {
  empty: {},
  connecting: { act: (_, browser) => browser.socket.lose() },
  'consent-idle': { log: consent },
  'consent-live': { log: before, live: [wait, asked(signIn, { callId: 'call of whoami' })] },
  'consent-waiting': { log: consent, act: (chat) => clickButton(chat, 'Sign in at') },
  'consent-blocked': {
    log: consent,
    browser: (browser) => Object.assign(browser, { isBlockingPopups: true }),
    act: (chat) => clickButton(chat, 'Sign in at'),
  },
  'consent-closed': {
    log: consent,
    act(chat, browser) {
      clickButton(chat, 'Sign in at')
      for (const popup of browser.popups) popup.close()
      browser.advance(1000)
    },
  },
  'consent-problem': {
    log: [
      ...consent,
      updated(signIn, { callId: 'call of whoami', problem: 'login.example.com did not accept the sign-in. You can try again.' }),
    ],
  },
  'consent-again': {
    log: [
      ...before,
      wait,
      asked(signIn, { again: 'Your earlier sign-in was withdrawn at login.example.com.', expiresAt: Date.UTC(2030, 0, 1, 12, 0, 42) }),
    ],
  },
  'consent-ends': { log: [...before, ...ends] },
  ...cards,
  notified: { log: [...before, asked(questions['notification'] ?? signIn, { state: 'answered' })] },
  'card-confirm': {
    log: [started('Pay the rent.'), asked(questions['approval'] ?? signIn)],
    act(chat, browser) {
      browser.advance(400)
      clickButton(chat, 'Transfer 50 EUR')
    },
  },
  streaming: { log: [...before, ended('whoami', { name: 'Ada' }), ...replying(answer, 2)] },
  working: { log: [started('Who am I logged in as?')] },
  done: {
    log: [...before, ended('whoami', { name: 'Ada Lovelace' }), ...replied(answer, 2), finished()],
    browser: signedIn,
    act: openDetails,
  },
  account: {
    log: [],
    browser: signedIn,
    act: (chat) => clickButton(chat, 'Account'),
  },
  failed: {
    log: [
      ...before,
      called('search', { query: 'x'.repeat(300) }),
      ended('whoami', 'The sign-in was declined.', 'refused'),
      ended('search', 'z'.repeat(118_000), 'failed'),
      finished('failed', 'The assistant could not finish: the model did not answer in time. Please ask again.'),
    ],
    act: openDetails,
  },
  stopped: { log: [...before, ...replying('Once upon a time there was', 2), finished('cancelled', 'Stopped by you.')] },
}
