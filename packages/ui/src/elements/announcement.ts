import type { AskedQuestion, ChatState, Turn } from '../client/chat-state.ts'

const LIMIT = 600
/** What Markdown adds to the words, and nobody wants to hear. */
const MARKS = /[*_`#>|]+/g

/** What a screen reader says, once, about the way from one state to the next; null when there is nothing to say. */
export function announcement(before: ChatState, after: ChatState): string | null {
  if (before.conversationId !== after.conversationId) return before.conversationId === '' ? null : 'New conversation.'
  if (!before.isCaughtUp || !after.isCaughtUp) return null
  const ended = after.turns.find((turn) => turn.end !== null && before.turns.some((old) => old.runId === turn.runId && old.end === null))
  if (ended !== undefined) return endWords(ended)
  const known = new Set(questionsOf(before).map(({ id }) => id))
  const asked = questionsOf(after).find(({ id }) => !known.has(id))
  return asked === undefined ? null : `${asked.end === null ? 'You are asked' : 'Please note'}: ${asked.view.question.text}`
}

function questionsOf(state: ChatState): readonly AskedQuestion[] {
  return state.turns.flatMap(({ items }) => items.filter((item) => item.kind === 'question'))
}

function endWords(turn: Turn): string {
  const reply = turn.items.findLast((item) => item.kind === 'reply')
  const text = reply?.kind === 'reply' ? reply.text.replaceAll(MARKS, '') : ''
  const words = `${text} ${turn.end?.sentence ?? ''}`.trim()
  if (words === '') return turn.end?.state === 'done' ? 'Finished.' : 'Stopped.'
  return words.length > LIMIT ? `${words.slice(0, LIMIT)}…` : words
}
