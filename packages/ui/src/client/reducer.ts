import type { ErrorMessage, ServerFrame } from '@countersign/core/protocol'
import { emptyChat, type ChatState, type Turn, type TurnItem } from './chat-state.ts'
import { emptyTurn, foldEvent } from './fold-event.ts'

/** What changes the state: a frame from the server, or something the person or the connection did here. */
export type ChatAction =
  | { readonly type: 'frame'; readonly frame: ServerFrame }
  /** A connection begins: the log is replayed from `lastSeq` on. */
  | { readonly type: 'reconnect' }
  /** The person said something; it is shown before the server accepted it. */
  | { readonly type: 'say'; readonly messageId: string; readonly text: string; readonly at: number }
  /** The person responded to a question, by the frame of this id. */
  | { readonly type: 'respond'; readonly interactionId: string; readonly responseId: string }
  /** The person asked to stop the running turn. */
  | { readonly type: 'stop' }
  | { readonly type: 'new-conversation'; readonly conversationId: string }

/** The state after one action. Pure: neither argument is changed, nothing is read but the two. */
export function reduce(state: ChatState, action: ChatAction): ChatState {
  switch (action.type) {
    case 'frame':
      return reduceFrame(state, action.frame)
    case 'reconnect':
      return { ...state, hasGap: false, isCaughtUp: false }
    case 'say':
      return { ...state, complaint: null, turns: [...state.turns, emptyTurn(action.messageId, action.text, action.at)] }
    case 'respond':
      return { ...state, complaint: null, turns: markSending(state.turns, action) }
    case 'stop':
      return {
        ...state,
        turns: state.turns.map((turn) => (turn.runId !== null && turn.end === null ? { ...turn, isStopping: true } : turn)),
      }
    case 'new-conversation':
      return emptyChat(action.conversationId)
  }
}

function reduceFrame(state: ChatState, frame: ServerFrame): ChatState {
  if ('conversation_id' in frame && frame.conversation_id !== state.conversationId && frame.type !== 'error_message') return state
  switch (frame.type) {
    case 'event_message':
      return foldEvent(state, frame)
    case 'snapshot_message':
      return beginAnew(state, frame.seq)
    case 'caught_up_message':
      return frame.seq > state.lastSeq ? { ...state, hasGap: true } : { ...state, isCaughtUp: true }
    case 'error_message':
      return complain(state, frame)
    default:
      return state
  }
}

/** What was shown of the log is over; what the person said and the server has not accepted yet is not in it. */
function beginAnew(state: ChatState, lastSeq: number): ChatState {
  if (lastSeq <= state.lastSeq) return state
  return { ...state, lastSeq, isShortened: true, turns: state.turns.filter(({ runId }) => runId === null) }
}

/** The refused frame is the one `parent_id` names: a message or a response is told so where it stands, anything else below the transcript. */
function complain(state: ChatState, { parent_id: refused, content }: ErrorMessage): ChatState {
  const sentence = sentenceOf(content.details === '' ? content.message : content.details)
  const isRefused = (turn: Turn): boolean => turn.runId === null && turn.messageId === refused
  const isTold = state.turns.some((turn) => isRefused(turn) || turn.items.some((item) => carries(item, refused)))
  const turns = state.turns.map((turn) => ({
    ...turn,
    rejection: isRefused(turn) ? sentence : turn.rejection,
    isStopping: false,
    items: turn.items.map((item) => stopSending(item, carries(item, refused) ? sentence : null)),
  }))
  return { ...state, turns, complaint: isTold ? null : sentence }
}

function carries(item: TurnItem, responseId: string): boolean {
  return item.kind === 'question' && item.responseId === responseId
}

function markSending(
  turns: readonly Turn[],
  { interactionId, responseId }: { readonly interactionId: string; readonly responseId: string },
): readonly Turn[] {
  const mark = (item: TurnItem): TurnItem =>
    item.kind === 'question' && item.id === interactionId ? { ...item, responseId, refusal: null } : item
  return turns.map((turn) => ({ ...turn, items: turn.items.map(mark) }))
}

/** Whatever is on its way may be tried again after a complaint. */
function stopSending(item: TurnItem, refusal: string | null): TurnItem {
  return item.kind === 'question' && item.responseId !== null ? { ...item, responseId: null, refusal } : item
}

function sentenceOf(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1) + (/[.!?]$/.test(words) ? '' : '.')
}
