import type { InteractionKind, InteractionView, JsonObject, Option, Question } from '@countersign/core'

const DEFAULT_ERROR = 'This prompt is no longer available.'

/** Of these NAT's own UI shows the title in a window without controls, which cannot be closed. */
const DEAD_IN_NAT_UI: readonly InteractionKind[] = ['checkbox', 'dropdown']

/** The kinds for which a client of NAT's gets others in their place: those that its UI is dead with, but for what the client says it has. */
export function kindsToReplace(isNatUi: boolean, announced = ''): readonly InteractionKind[] {
  const has = announced.split(',')
  return isNatUi ? DEAD_IN_NAT_UI.filter((kind) => !has.includes(kind)) : []
}

/** A question as NAT's `system_interaction_message` carries it, with the time that is left; a consent's address stands in `text`. */
export function natPrompt({ question, expiresAt }: InteractionView, now: number, replaced: readonly InteractionKind[]): JsonObject {
  const asked = replaced.includes(question.kind) ? replacement(question) : question
  const timeout = Math.max(1, Math.ceil((expiresAt - now) / 1000))
  const base = { text: asked.text, timeout, error: asked.expiredText ?? DEFAULT_ERROR, input_type: asked.kind }
  switch (asked.kind) {
    case 'text':
      return { ...base, placeholder: asked.placeholder ?? null, required: asked.required ?? true }
    case 'notification':
      return { ...base, timeout: null }
    case 'oauth_consent':
      return { ...base, text: asked.consent.startUrl }
    // NAT knows neither: what is to be done elsewhere is told, and an address is opened as that of a sign-in.
    case 'backchannel':
      return { ...base, timeout: null, input_type: 'notification' }
    case 'device_code':
      return { ...base, text: asked.device.verificationUriComplete ?? asked.device.verificationUri, input_type: 'oauth_consent' }
    case 'binary_choice':
      return { ...base, text: approvalText(asked), options: asked.options.map(({ id, label, value }) => ({ id, label, value })) }
    case 'radio':
    case 'checkbox':
    case 'dropdown':
      return { ...base, options: asked.options.map(describedOption) }
  }
}

/** One of many becomes a list to choose from; several of many become a text, in which they are named. */
function replacement(question: Question): Question {
  if (question.kind === 'dropdown') return { ...question, kind: 'radio' }
  if (question.kind !== 'checkbox') return question
  const { options, ...rest } = question
  const offered = options.map(({ label, description }) => (description === undefined ? label : `${label} (${description})`)).join(', ')
  const text = `${question.text} Answer with any of these, separated by commas: ${offered}.`
  return { ...rest, kind: 'text', text, required: false }
}

/** Nobody approves what they do not see: NAT's prompt has no other place for the arguments. */
function approvalText({ text, approval }: Extract<Question, { kind: 'binary_choice' }>): string {
  if (!approval) return text
  const { tool, risk } = approval
  return `${text} ${tool} ${JSON.stringify(approval.arguments)}${risk === undefined ? '' : ` (${risk} risk)`}`
}

function describedOption({ id, label, value, description = 'default' }: Option): JsonObject {
  return { id, label, value, description }
}
