import type { Question } from '../protocol/interaction.ts'
import type { JsonValue } from '../protocol/json.ts'
import type { InteractionEnd } from './interactions.ts'

/** The most of a person's own words that the record quotes, in characters as a person counts them. */
const QUOTE_LIMIT = 120

/** What the record says once a question has ended: what was decided, in the person's own words where they wrote some. */
export function closingSentence(question: Question, { state, response }: Pick<InteractionEnd, 'state' | 'response'>): string {
  switch (state) {
    case 'answered':
      return answered(question, response?.action === 'accept' ? response.answer : null)
    case 'declined':
      return declined(question) + reasonOf(response)
    case 'cancelled':
      return `${subject(question)} was cancelled.`
    case 'expired':
      return (
        question.expiredText ??
        `${subject(question)} expired before it was ${subject(question) === 'The sign-in' ? 'finished' : 'answered'}.`
      )
    case 'failed':
      return `${subject(question)} failed.`
  }
}

function subject(question: Question): string {
  switch (question.kind) {
    case 'oauth_consent':
    case 'device_code':
      return 'The sign-in'
    case 'backchannel':
      return 'The request on the other device'
    case 'binary_choice':
      return question.approval ? `The approval of ${question.approval.tool}` : 'The question'
    default:
      return 'The question'
  }
}

function answered(question: Question, answer: JsonValue): string {
  switch (question.kind) {
    case 'oauth_consent':
      return `Signed in at ${question.consent.host}.`
    case 'device_code':
      return `Signed in at ${question.device.host}.`
    case 'backchannel':
      return 'Approved on the other device.'
    case 'notification':
      return 'Noted.'
    case 'text':
      return typeof answer === 'string' && answer.trim() !== '' ? `Answered: “${quote(answer)}”.` : 'Answered with nothing.'
    case 'binary_choice':
      if (!question.approval) return chosen(question.options, [answer])
      return answer === question.options[0].value ? `Approved: ${question.approval.tool}.` : declined(question)
    case 'radio':
    case 'dropdown':
    case 'checkbox':
      return chosen(question.options, Array.isArray(answer) ? answer : [answer])
  }
}

function chosen(options: readonly { readonly label: string; readonly value: string }[], values: readonly JsonValue[]): string {
  const labels = options.filter((option) => values.includes(option.value)).map((option) => option.label)
  return labels.length === 0 ? 'Answered with nothing chosen.' : `Answered: ${labels.join(', ')}.`
}

function declined(question: Question): string {
  if (question.kind === 'backchannel') return 'Denied on the other device.'
  if (question.kind === 'device_code') return `The sign-in at ${question.device.host} was declined.`
  if (question.kind === 'oauth_consent') return `You declined to sign in at ${question.consent.host}.`
  return question.kind === 'binary_choice' && question.approval ? `Denied: ${question.approval.tool}.` : 'Declined.'
}

function reasonOf(response: InteractionEnd['response']): string {
  const reason = response?.action === 'decline' ? (response.reason ?? '').trim() : ''
  return reason === '' ? '' : ` Reason: “${quote(reason)}”.`
}

const CHARACTERS = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
/** One character may be made of any number of code units; this many are looked at. */
const LONGEST_LOOK = 16 * QUOTE_LIMIT

/** On one line, and never cut within a character. */
function quote(text: string): string {
  const line = text.trim().replace(/\s+/gu, ' ')
  if (line.length <= QUOTE_LIMIT) return line
  const characters = Array.from(CHARACTERS.segment(line.slice(0, LONGEST_LOOK)), ({ segment }) => segment)
  return characters.length <= QUOTE_LIMIT
    ? characters.join('')
    : `${characters
        .slice(0, QUOTE_LIMIT - 1)
        .join('')
        .trimEnd()}…`
}
