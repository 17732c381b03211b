import type { OpenOutcome, ReturnOutcome } from '@countersign/core'
import type { PersonalFront } from '../front.ts'
import type { Page } from './page.ts'

/** What is not the same for both fronts. */
const byFront = {
  chat: {
    stranger: 'Only the browser whose chat asked for the sign-in can open it. Go back to the chat there and use its button.',
    again: 'Use "Try again" in the chat.',
    granted: 'Go on in the chat. This window closes by itself.',
    declined: 'Nothing was shared. Go on in the chat; this window closes by itself.',
  },
  terminal: {
    stranger: 'The address that the terminal gives counts once, for the browser that comes first. Go back to the terminal for a new one.',
    again: 'Press "o" in the terminal to try again.',
    // Only a window that a page has opened can close itself.
    granted: 'Go on in the terminal. You can close this window.',
    declined: 'Nothing was shared. Go on in the terminal; you can close this window.',
  },
} as const satisfies Record<PersonalFront, object>

/** What a browser is told when a sign-in cannot be opened. */
export function openPage(outcome: Exclude<OpenOutcome, { outcome: 'redirect' }>, front: PersonalFront): Page {
  switch (outcome.outcome) {
    case 'problem':
      return { status: 502, title: 'The sign-in could not be opened', text: `${outcome.sentence} ${byFront[front].again}` }
    case 'ended':
      return endedPage(outcome.state, front)
    case 'not_found':
      return { status: 403, title: 'This sign-in is not for this browser', text: byFront[front].stranger }
  }
}

/** What a browser is told when it comes back from the authorization server. */
export function returnPage(outcome: ReturnOutcome, front: PersonalFront): Page {
  switch (outcome.outcome) {
    case 'granted':
      return { status: 200, title: 'You are signed in', text: byFront[front].granted, closes: true }
    case 'declined':
      return { status: 200, title: 'You declined', text: byFront[front].declined, isNo: true, closes: true }
    case 'failed':
      return { status: 502, title: 'The sign-in failed', text: `${outcome.sentence} The ${front} says what to do next.` }
    case 'earlier':
      return {
        status: 409,
        title: 'This sign-in was already completed',
        text: `Nothing was changed. You can close this window and go on in the ${front}.`,
      }
    case 'ended':
      return endedPage(outcome.state, front)
    case 'unknown':
      return {
        status: 400,
        title: 'This sign-in is not known',
        text: `It may have ended or been replaced by a newer one. Nothing was changed. Go back to the ${front}.`,
      }
    case 'other_browser':
      return {
        status: 403,
        title: 'This sign-in belongs to another browser',
        text: 'It can be finished only in the browser that opened it. Nothing was changed. If somebody sent you this link, close it.',
      }
    case 'foreign_callback':
      return {
        status: 400,
        title: 'This is not the answer we asked for',
        text: `It does not come from the sign-in that is open. Nothing was changed; the sign-in in the ${front} still waits.`,
      }
  }
}

function endedPage(state: string, front: PersonalFront): Page {
  const text =
    state === 'expired'
      ? `It was not finished in time. Ask again in the ${front}.`
      : 'There is nothing left to do here. You can close this window.'
  return { status: 410, title: 'This sign-in is over', text }
}
