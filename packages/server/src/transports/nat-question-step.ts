import type { InteractionView, Question } from '@countersign/core'
import { type Step, plainMarkdown } from './nat-frame.ts'

/** How much of a question the name of its step repeats, UTF-16 units. */
const MAX_NAME = 80

/** What is waited for, and once it is over what became of it: the record of a question among NAT's steps. */
export function questionStep(view: InteractionView, sentence?: string): Step {
  const parent = view.callId === null ? {} : { parentId: view.callId }
  return { id: view.id, ...parent, name: nameOf(view), payload: sentence === undefined ? waitingText(view) : plainMarkdown(sentence) }
}

/** A step that is nothing but a sentence. */
export function noteStep(id: string, name: string, sentence: string): Step {
  return { id: `${id}-note`, name, payload: plainMarkdown(sentence) }
}

function nameOf({ question, state }: InteractionView): string {
  if (question.kind === 'oauth_consent') return `Asked: sign in at ${question.consent.host}`
  const [line = ''] = question.text.split('\n')
  // Not within a character that takes two units.
  const short = line.length <= MAX_NAME ? line : `${line.slice(0, MAX_NAME - 1).replace(/\p{Surrogate}$/u, '')}…`
  return state === 'pending' ? `Asked: ${short}` : `Told: ${short}`
}

/** The link stands here, too: a browser that opens no window for NAT's UI says nothing of it. */
function waitingText({ question, state, problem, again }: InteractionView): string {
  if (state !== 'pending') return plainMarkdown(question.text)
  const why = [again, problem].flatMap((sentence) => (sentence === undefined ? [] : [plainMarkdown(sentence)]))
  return [...why, waitingFor(question)].join('\n\n')
}

function waitingFor(question: Question): string {
  switch (question.kind) {
    case 'oauth_consent':
      return `Waiting for you to sign in at ${plainMarkdown(question.consent.host)}: [open the sign-in page](${question.consent.startUrl})`
    case 'backchannel':
      return plainMarkdown(question.text)
    case 'device_code':
      return `${plainMarkdown(question.text)} [Open the page](${question.device.verificationUriComplete ?? question.device.verificationUri})`
    default:
      return 'Waiting for your answer.'
  }
}
