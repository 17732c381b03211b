import type { InteractionView, JsonObject, Question } from '@countersign/core'

const defaultError = 'This prompt is no longer available.'

/** A question as NAT's `system_interaction_message` carries it; a consent's address stands in `text`. */
export function natPrompt({ question, expiresAt }: InteractionView, now: number): JsonObject {
  const timeout = Math.max(1, Math.ceil((expiresAt - now) / 1000))
  const base = { text: question.text, timeout, error: question.expiredText ?? defaultError, input_type: question.kind }
  switch (question.kind) {
    case 'text':
      return { ...base, placeholder: question.placeholder ?? null, required: question.required ?? true }
    case 'notification':
      return { ...base, timeout: null }
    case 'oauth_consent':
      return { ...base, text: question.consent.startUrl }
    case 'binary_choice':
    case 'radio':
    case 'checkbox':
    case 'dropdown':
      return { ...base, options: question.options.map((option) => natOption(question.kind, option)) }
  }
}

function natOption(
  kind: Question['kind'],
  { id, label, value, description }: { id: string; label: string; value: string; description?: string },
): JsonObject {
  return kind === 'binary_choice' ? { id, label, value } : { id, label, value, description: description ?? 'default' }
}
