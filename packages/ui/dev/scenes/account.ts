import type { Connection, Me, SessionView } from '@countersign/core/protocol'
import type { CountersignChat } from '../../src/elements/countersign-chat.ts'
import type { VirtualBrowser } from '../../src/testing/virtual-browser.ts'
import { finished, replied, started } from '../../src/testing/canned-events.ts'
import type { Scene, Scenes } from '../scene.ts'
import { appeared, clickButton, drawn } from '../touch.ts'

const noon = Date.UTC(2030, 0, 1, 12)
const hour = 3_600_000

const connections: readonly Connection[] = [
  {
    id: 'connection-1',
    provider: 'demo',
    host: 'login.example.com',
    scopes: ['openid', 'profile', 'email', 'calendar.read'],
    connectedAt: noon - hour,
    expiresAt: null,
  },
  { id: 'connection-2', provider: 'bank', host: 'id.bank.example', scopes: [], connectedAt: noon - 200 * hour, expiresAt: noon + hour },
]

const sessions: readonly SessionView[] = [
  { id: 'session-1', isCurrent: true, createdAt: noon - hour, lastSeenAt: noon, browser: 'Chrome on Linux' },
  { id: 'session-2', isCurrent: false, createdAt: noon - 50 * hour, lastSeenAt: noon - 3 * hour, browser: 'Safari on iPhone' },
  { id: 'session-3', isCurrent: false, createdAt: noon - 9000 * hour, lastSeenAt: noon - 400 * hour, browser: 'Firefox on Windows' },
]

const ada: Me['principal'] = { id: 'ada', kind: 'user', name: 'Ada Lovelace' }
const guest: Me['principal'] = { id: 'anonymous:1', kind: 'anonymous' }
const atHost = (required: boolean): NonNullable<Me['signIn']> => ({ host: 'id.example.com', required })

function as(principal: Me['principal'], more: Partial<Me> = {}): (browser: VirtualBrowser) => void {
  return (browser) => {
    browser.me = { ...browser.me, principal, ...more }
    browser.sessions = principal.kind === 'user' ? sessions : sessions.slice(0, 1)
  }
}

const signedIn = as(ada, { connections, signIn: atHost(false) })
const talk = [started('hi'), ...replied('Hello Ada.'), finished()]

/** Opens the account, then presses what stands on the buttons named, one after the other. */
function opened(...presses: readonly string[]) {
  return async (chat: CountersignChat, browser: VirtualBrowser): Promise<void> => {
    clickButton(chat, 'Account:')
    await appeared(chat, 'dialog[open]')
    for (const words of presses) {
      await drawn()
      browser.advance(400)
      clickButton(chat, words)
    }
  }
}

/** As Ada in her account, whose server answers so. */
function answering(answer: VirtualBrowser['answer'], ...presses: readonly string[]): Scene {
  return {
    browser(browser) {
      signedIn(browser)
      browser.answer = answer
    },
    log: talk,
    act: opened(...presses),
  }
}

/** Who this browser is, what is connected and where else; and the states in which there is no conversation to be had. */
export const accounts: Scenes = {
  'account-guest': { browser: as(guest), act: opened() },
  'account-guest-can-sign-in': { browser: as(guest, { signIn: atHost(false), connections: connections.slice(0, 1) }), act: opened() },
  'account-forget': { browser: as(guest), act: opened('Forget this browser') },
  account: { browser: signedIn, log: talk, act: opened() },
  'account-disconnect': { browser: signedIn, log: talk, act: opened('Disconnect') },
  'account-disconnected': answering({ status: 200, body: { revoked: true } }, 'Disconnect', 'Disconnect login'),
  'account-unconfirmed': answering({ status: 200, body: { revoked: false } }, 'Disconnect', 'Disconnect login'),
  'account-refused': answering({ status: 500, body: null }, 'End'),
  'account-unreachable': answering(null, 'End'),
  'account-ended': answering({ status: 200, body: { ended: 1 } }, 'End'),
  'account-everywhere': { browser: signedIn, log: talk, act: opened('Sign out everywhere') },
  'account-sessions-failed': {
    browser: signedIn,
    log: talk,
    async act(chat, browser) {
      browser.isRefusing = true
      await opened()(chat, browser)
    },
  },
  'account-long': {
    browser: as(
      { id: 'x', kind: 'user', name: 'Hubert Blaine Wolfeschlegelsteinhausenbergerdorff Senior' },
      {
        connections: connections.map((connection) => ({ ...connection, host: `a-rather-long-name-of-a-host.${connection.host}` })),
      },
    ),
    act: opened(),
  },
  'guest-can-sign-in': { browser: as(guest, { signIn: atHost(false) }) },
  'sign-in-required': { browser: as(guest, { signIn: atHost(true) }) },
  'signed-out': { browser: signedIn, log: talk, act: signOut(atHost(false)) },
  'signed-out-required': { browser: signedIn, log: talk, act: signOut(atHost(true)) },
  'signed-out-no-sign-in': { browser: as(guest), log: talk, act: signOut(undefined) },
  lost: { log: talk, act: (_, browser) => browser.socket.lose() },
  offline: {
    log: talk,
    act(_, browser) {
      browser.setOnline(false)
      browser.socket.lose()
    },
  },
  reconnecting: {
    log: talk,
    act(_, browser) {
      browser.socket.lose()
      browser.advance(1000)
    },
  },
  shortcuts: {
    act(chat) {
      clickButton(chat, 'Keyboard shortcuts')
      return appeared(chat, 'dialog[open]')
    },
  },
}

/** The server ends the session; asked who this is, it no longer knows. */
function signOut(signIn: Me['signIn']) {
  return (_: CountersignChat, browser: VirtualBrowser): void => {
    const { signIn: _before, ...me } = browser.me
    browser.me = { ...me, principal: { id: 'anonymous:2', kind: 'anonymous' }, connections: [], ...(signIn && { signIn }) }
    browser.socket.lose(4401)
  }
}
