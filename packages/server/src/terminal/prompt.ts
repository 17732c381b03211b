import type { InteractionResponse, Option, Question } from '@countersign/core'
import type { Keyboard } from './keyboard.ts'
import { safeLine, safeText } from './safe-text.ts'
import type { Output } from './screen.ts'

/** The kinds that the person at the terminal answers right there. */
export type PromptedKind = 'text' | 'binary_choice' | 'radio' | 'checkbox' | 'dropdown'
export type PromptedQuestion = Extract<Question, { kind: PromptedKind }>

/** Where a prompt is drawn and answered. */
export interface PromptPlace {
  readonly keyboard: Keyboard
  readonly output: Output
  /** Aborts when the question has ended elsewhere: the prompt goes away. */
  readonly signal: AbortSignal
}

/** What the person did: answered or declined, pressed Ctrl-C, or nothing, because the question ended first. */
export type Prompted = InteractionResponse | 'interrupted' | 'ended'

/** The longest list that is shown whole; longer ones scroll. */
const MAX_ITEMS = 12

/** Whether the terminal itself is where a question is answered. */
export function isPrompted(question: Question): question is PromptedQuestion {
  return 'options' in question || question.kind === 'text'
}

/** Asks one question. Esc declines it. */
export async function prompt(question: PromptedQuestion, place: PromptPlace): Promise<Prompted> {
  let isInterrupted = false
  const stop = place.keyboard.overhear((key) => {
    isInterrupted ||= key === 'ctrl-c'
  })
  // Its own signal: one that aborts after the answer would make the prompt draw once more.
  const ended = new AbortController()
  const end = (): void => ended.abort()
  if (place.signal.aborted) end()
  place.signal.addEventListener('abort', end)
  try {
    const answer = await ask(question, { ...place, signal: ended.signal })
    if (place.signal.aborted) return 'ended'
    if (isInterrupted) return 'interrupted'
    return typeof answer === 'symbol' ? { action: 'decline' } : { action: 'accept', answer }
  } finally {
    place.signal.removeEventListener('abort', end)
    stop()
  }
}

async function ask(question: PromptedQuestion, { keyboard, output, signal }: PromptPlace): Promise<string | string[] | symbol> {
  const { multiselect, select, text } = await import('@clack/prompts')
  const asked = { message: `${safeText(question.text)} (Esc declines)`, input: keyboard.input, output, signal, withGuide: false }
  switch (question.kind) {
    case 'text': {
      const isNeeded = question.required ?? true
      const validate = (words = ''): string | undefined => (isNeeded && words.trim() === '' ? 'An answer is needed.' : undefined)
      return text({ ...asked, placeholder: safeLine(question.placeholder ?? ''), validate })
    }
    case 'checkbox':
      return multiselect({ ...asked, options: question.options.map(shownOption), required: false, maxItems: MAX_ITEMS })
    case 'binary_choice': {
      // What is typed ahead must not approve anything: Enter alone is a no.
      const [yes, no] = question.options
      const first = question.approval ? no : yes
      return select({ ...asked, initialValue: first.value, options: question.options.map(shownOption) })
    }
    case 'radio':
    case 'dropdown':
      return select({ ...asked, options: question.options.map(shownOption), maxItems: MAX_ITEMS })
  }
}

function shownOption({ value, label, description }: Option): { value: string; label: string; hint?: string } {
  return { value, label: safeLine(label), ...(description !== undefined && { hint: safeLine(description) }) }
}
