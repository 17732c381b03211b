import type { CountersignChat } from '../../src/elements/countersign-chat.ts'
import { called, ended, finished, replied, replying, started } from '../../src/testing/canned-events.ts'
import type { Scenes } from '../scene.ts'
import { clickButton, drawn, openDetails, write } from '../touch.ts'

const before = [started('Who am I logged in as?'), ...replied('I will look that up.'), called('whoami')]

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

const longWord = 'Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz'
const long = `${'A long answer goes on and on, as long answers do. '.repeat(12)}\n\n${longWord.repeat(3)}\n\n${'https://docs.example.org/'.padEnd(160, 'path/')}`

const hostile = `<img src=x onerror=alert(1)> <div style="position:fixed;inset:0">covering</div> [click](javascript:alert(1)) \u202Ereversed\u202C`

async function say(chat: CountersignChat, text: string): Promise<void> {
  write(chat, text)
  await drawn()
  clickButton(chat, 'Send')
}

/** The conversation: beginning, running, ended well and badly. */
export const conversation: Scenes = {
  empty: {},
  sending: {
    // Nothing comes back in a scene: the message stays on its way.
    act: (chat) => say(chat, 'Who am I logged in as?'),
  },
  working: { log: [started('Who am I logged in as?')] },
  streaming: { log: [...before, ended('whoami', { name: 'Ada' }), ...replying(answer, 2)] },
  interrupting: {
    log: [started('Tell me a story.'), ...replying('Once upon a time there was')],
    act: (chat) => write(chat, 'Rather a poem, please.'),
  },
  stopping: { log: [started('Tell me a story.'), ...replying('Once upon a time')], act: (chat) => clickButton(chat, 'Stop') },
  stopped: { log: [...before, ...replying('Once upon a time there was', 2), finished('cancelled', 'Stopped by you.')] },
  done: { log: [...before, ended('whoami', { name: 'Ada Lovelace' }), ...replied(answer, 2), finished()] },
  'done-open': {
    log: [...before, ended('whoami', { name: 'Ada Lovelace' }), ...replied('You are signed in as Ada Lovelace.', 2), finished()],
    act: openDetails,
  },
  shortened: {
    act: (_chat, { socket }) => {
      socket.say({ type: 'snapshot_message', conversation_id: socket.conversationId, seq: 12_000 })
      const log = [...before, ended('whoami', { name: 'Ada Lovelace' }), ...replied('You are signed in as Ada Lovelace.', 2), finished()]
      socket.log(log, { after: 12_000 })
    },
  },
  steps: {
    log: [
      started('What is on today, and what is the weather?'),
      called('calendar', { day: 'today' }),
      called('weather', { city: 'Lisbon' }),
      called('traffic', { from: 'home', to: 'work' }),
      called('news'),
      ended('calendar', ['10:00 review', '14:00 dentist']),
      ended('weather', 'The service did not answer.', 'failed'),
      ended('news', 'Not allowed on weekdays.', 'refused'),
    ],
  },
  failed: {
    log: [
      ...before,
      called('search', { query: 'x'.repeat(300) }),
      ended('whoami', 'The sign-in was declined.', 'refused'),
      ended('search', 'z'.repeat(118_000), 'failed'),
      finished('failed', 'The assistant could not finish: the model did not answer in time.'),
    ],
  },
  'failed-open': {
    log: [...before, ended('whoami', 'z'.repeat(118_000), 'failed'), finished('failed', 'The assistant could not finish.')],
    act: openDetails,
  },
  rejected: {
    async act(chat, browser) {
      await say(chat, 'x'.repeat(400))
      const id = browser.socket.sent[0]
      browser.socket.complain('the text is too long', id?.type === 'user_message' ? id.id : '')
    },
  },
  complaint: {
    log: [started('hi'), ...replied('Hello.'), finished()],
    act: (_, browser) => browser.socket.complain('There is nothing to stop.'),
  },
  long: {
    log: [started(`${long}\n\n${longWord}`), called(longWord), ended(longWord, long), ...replied(long, 2), finished('failed', long)],
  },
  hostile: {
    log: [
      started(hostile),
      called(hostile, { [hostile]: hostile }),
      ended(hostile, hostile),
      ...replied(hostile, 2),
      finished('failed', hostile),
    ],
  },
  'right-to-left': {
    log: [
      started('من أنا؟ ما اسم حسابي على login.example.com؟'),
      called('whoami'),
      ended('whoami', { name: 'آدا لوفلايس' }),
      ...replied('أنت **آدا لوفلايس** (ada@example.com).\n\n1. سألت عن موافقتك\n2. قرأت ملفك الشخصي', 2),
      finished(),
    ],
  },
}
