import type { InteractionKind } from '@countersign/core/protocol'
import { backchannelQuestion } from './backchannel-question.ts'
import { binaryChoiceQuestion } from './binary-choice-question.ts'
import { checkboxQuestion } from './checkbox-question.ts'
import { deviceCodeQuestion } from './device-code-question.ts'
import { dropdownQuestion } from './dropdown-question.ts'
import { notificationQuestion } from './notification-question.ts'
import { oauthConsentQuestion } from './oauth-consent-question.ts'
import type { QuestionKind } from './question-element.ts'
import { radioQuestion } from './radio-question.ts'
import { textQuestion } from './text-question.ts'
import { unknownQuestion } from './unknown-question.ts'

/** The element of every kind of question; a kind without one does not compile. */
const questionKinds: { readonly [Kind in InteractionKind]: QuestionKind } = {
  text: textQuestion,
  notification: notificationQuestion,
  binary_choice: binaryChoiceQuestion,
  radio: radioQuestion,
  checkbox: checkboxQuestion,
  dropdown: dropdownQuestion,
  oauth_consent: oauthConsentQuestion,
  backchannel: backchannelQuestion,
  device_code: deviceCodeQuestion,
}

/** How a kind appears; one that a newer server knows and this page does not appears as its data. */
export function questionKind(kind: string): QuestionKind {
  const known: Readonly<Record<string, QuestionKind>> = questionKinds
  return Object.hasOwn(known, kind) ? (known[kind] ?? unknownQuestion) : unknownQuestion
}

/** Every kind, for registering their elements. */
export const allQuestionKinds: readonly QuestionKind[] = [...Object.values(questionKinds), unknownQuestion]
