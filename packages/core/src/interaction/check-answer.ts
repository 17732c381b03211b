import type { InteractionResponse, Option, Question } from '../protocol/interaction.ts'
import type { JsonValue } from '../protocol/json.ts'

/** The longest text a person may answer with, in UTF-16 units: a model has to read it. */
export const MAX_ANSWER_LENGTH = 16_384

export type CheckedAnswer = { readonly ok: true; readonly response: InteractionResponse } | { readonly ok: false; readonly problem: string }

/** What a valid response is, per kind. Options are matched by value, then id, then label; what was not offered is refused. */
export function checkAnswer(question: Question, response: InteractionResponse): CheckedAnswer {
  if (response.action === 'resend' && !isOnOtherDevice(question)) return refused('only what waits on another device can be sent again')
  if (response.action !== 'accept') return { ok: true, response }
  switch (question.kind) {
    case 'text':
      return checkText(question.required ?? true, response.answer)
    case 'binary_choice':
      return question.approval
        ? asDecision(checkOne(question.options, response.answer), question.options[1])
        : checkOne(question.options, response.answer)
    case 'radio':
    case 'dropdown':
      return checkOne(question.options, response.answer)
    case 'checkbox':
      return checkSeveral(question.options, response.answer)
    case 'notification':
      return refused('a notification takes no answer')
    case 'oauth_consent':
      return refused('a sign-in is finished in its window, not by a message')
    case 'backchannel':
    case 'device_code':
      return refused('this is answered on the other device, not by a message')
  }
}

/** Whether it is waited for somebody elsewhere. */
export function isOnOtherDevice({ kind }: Question): boolean {
  return kind === 'backchannel' || kind === 'device_code'
}

function checkText(required: boolean, answer: JsonValue): CheckedAnswer {
  if (typeof answer !== 'string') return refused('the answer must be text')
  if (answer.length > MAX_ANSWER_LENGTH) return refused(`the answer is longer than ${MAX_ANSWER_LENGTH} characters`)
  if (required && answer.trim() === '') return refused('an answer is required')
  return accepted(answer)
}

function checkOne(options: readonly Option[], answer: JsonValue): CheckedAnswer {
  const option = typeof answer === 'string' ? match(options, answer) : undefined
  return option ? accepted(option.value) : refused('the answer is not one of the options')
}

/** Whoever chooses the no of an approval has declined it, whether their client knows that word or not. */
function asDecision(checked: CheckedAnswer, no: Option): CheckedAnswer {
  const isNo = checked.ok && checked.response.action === 'accept' && checked.response.answer === no.value
  return isNo ? { ok: true, response: { action: 'decline' } } : checked
}

function checkSeveral(options: readonly Option[], answer: JsonValue): CheckedAnswer {
  const given = Array.isArray(answer) ? answer : [answer]
  const chosen = given.map((value: unknown) => (typeof value === 'string' ? match(options, value) : undefined))
  if (chosen.some((option) => option === undefined)) return refused('the answer has a value that was not offered')
  return accepted([...new Set(chosen.flatMap((option) => (option ? [option.value] : [])))])
}

function match(options: readonly Option[], text: string): Option | undefined {
  return (
    options.find((option) => option.value === text) ??
    options.find((option) => option.id === text) ??
    options.find((option) => option.label === text)
  )
}

function accepted(answer: JsonValue): CheckedAnswer {
  return { ok: true, response: { action: 'accept', answer } }
}

function refused(problem: string): CheckedAnswer {
  return { ok: false, problem }
}
