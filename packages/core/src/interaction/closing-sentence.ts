import type { Question } from '../protocol/interaction.ts'
import type { InteractionEnd } from './interactions.ts'

/** What the person reads once a question has ended. */
export function closingSentence(question: Question, { state, response }: Pick<InteractionEnd, 'state' | 'response'>): string {
  const what = question.kind === 'oauth_consent' ? 'The sign-in' : 'The question'
  switch (state) {
    case 'answered':
      return question.kind === 'oauth_consent' ? `Signed in at ${question.consent.host}.` : answered(question, response)
    case 'declined':
      return question.kind === 'oauth_consent' ? `You declined to sign in at ${question.consent.host}.` : 'You declined.'
    case 'cancelled':
      return `${what} was cancelled.`
    case 'expired':
      return question.expiredText ?? `${what} expired before it was finished.`
    case 'failed':
      return `${what} failed.`
  }
}

function answered(question: Question, response: InteractionEnd['response']): string {
  if (response?.action !== 'accept') return 'Answered.'
  if (!('options' in question)) return 'Answered.'
  const values = Array.isArray(response.answer) ? response.answer : [response.answer]
  const labels = question.options.filter((option) => values.includes(option.value)).map((option) => option.label)
  return labels.length === 0 ? 'Answered with nothing chosen.' : `Answered: ${labels.join(', ')}.`
}
