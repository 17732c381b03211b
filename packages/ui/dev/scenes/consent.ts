import type { RunEvent } from '@countersign/core/protocol'
import { asked, called, replied, signIn, started, updated } from '../../src/testing/canned-events.ts'
import type { Scenes } from '../scene.ts'
import { clickButton } from '../touch.ts'

const before = [started('Who am I logged in as?'), ...replied('I will look that up.'), called('whoami')]
const wait: RunEvent = { type: 'tool-wait', runId: 'run-1', callId: 'call of whoami', tool: 'whoami' }
const consent = [...before, wait, asked(signIn, { callId: 'call of whoami' })]

/** The sign-in at a provider, and everything its window can do. */
export const consenting: Scenes = {
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
}
