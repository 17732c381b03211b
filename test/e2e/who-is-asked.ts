/** What a browser may do about a question that another tab, browser or person was asked. */
export interface Rights {
  /** Follow the conversation: be told the question, now and when it comes back. */
  readonly see: boolean
  /** Be led on by `/auth/start/<id>`. */
  readonly open: boolean
  /** Bring back the answer to the sign-in that the asking browser opened. */
  readonly finish: boolean
  /** Answer, decline or cancel it. */
  readonly answer: boolean
}

/** A row of the table in docs/who-is-asked.md. */
export interface WhoIsAsked {
  /** Who comes. */
  readonly who: string
  readonly may: Rights
  readonly why: string
}

const all: Rights = { see: true, open: true, finish: true, answer: true }
const none: Rights = { see: false, open: false, finish: false, answer: false }

/** The twelve rows, in the order of the document. Each has its browser test. */
export const rows = {
  'same-tab': {
    who: 'the tab that asked',
    may: all,
    why: 'It is the session that was asked.',
  },
  'other-tab': {
    who: 'another tab of the same browser',
    may: all,
    why: 'Tabs share the session cookie; a question belongs to the session, not to the tab.',
  },
  reopened: {
    who: 'the same browser, closed and opened again',
    may: all,
    why: 'The question is a row and the cookie lasts 30 days, so nothing was lost.',
  },
  'other-host-name': {
    who: 'the same browser, at 127.0.0.1 instead of localhost',
    may: all,
    why: "Pages under another name of the machine are led to the server's own, where the browser's cookies are.",
  },
  nobody: {
    who: 'another browser that has no session here',
    may: none,
    why: 'Knowing an id is no authority; what it is told is the same as for an id that does not exist.',
  },
  stranger: {
    who: 'another browser with an anonymous session of its own',
    may: none,
    why: 'An anonymous session is one browser, and this one was not asked.',
  },
  'same-person': {
    who: 'another browser in which the same person is signed in',
    may: { ...all, finish: false },
    why: "The question is the person's; but a sign-in is finished only in the browser that opened it, and this one can open it anew.",
  },
  'other-person': {
    who: 'another browser in which another person is signed in',
    may: none,
    why: 'The question is addressed to somebody else.',
  },
  'signs-in-meanwhile': {
    who: 'the same browser, after it signed in while the question was open',
    may: all,
    why: 'Signing in takes the conversations and questions of the anonymous session along.',
  },
  'nat-ui': {
    who: "NAT's UI with nat_session, another tab of the browser that asked",
    may: all,
    why: "The gateway names the browser by ?session=, and the browser brings the same value as the UI's cookie.",
  },
  'nat-ui-stranger': {
    who: "NAT's UI with nat_session, another browser",
    may: none,
    why: "Its UI's cookie has another value, which is another anonymous session; the conversation's id does not help.",
  },
  'nat-ui-copied-cookie': {
    who: "NAT's UI without nat_session, another browser with a copy of the UI's cookie",
    may: none,
    why: 'Without nat_session the value counts for nothing: the session is that of our own cookie, which scripts cannot read.',
  },
} as const satisfies Readonly<Record<string, WhoIsAsked>>

/** The name of a row in the code. */
export type RowName = keyof typeof rows
