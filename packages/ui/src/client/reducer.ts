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
  /** The person responded to a question. */
  | { readonly type: 'respond'; readonly interactionId: string }
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
      return { ...state, complaint: null, turns: markSending(state.turns, action.interactionId) }
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
    case 'caught_up_message':
      return frame.seq > state.lastSeq ? { ...state, hasGap: true } : { ...state, isCaughtUp: true }
    case 'error_message':
      return complain(state, frame)
    default:
      return state
  }
}

/** The refused frame is the one `parent_id` names; if it names none, whatever is on its way may be tried again. */
function complain(state: ChatState, frame: ErrorMessage): ChatState {
  const turns = state.turns.map((turn) => {
    const isRefused = turn.runId === null && turn.messageId === frame.parent_id
    return { ...turn, isRejected: turn.isRejected || isRefused, isStopping: false, items: turn.items.map(stopSending) }
  })
  return { ...state, turns, complaint: frame.content.message }
}

function markSending(turns: readonly Turn[], interactionId: string): readonly Turn[] {
  const mark = (item: TurnItem): TurnItem => (item.kind === 'question' && item.id === interactionId ? { ...item, isSending: true } : item)
  return turns.map((turn) => ({ ...turn, items: turn.items.map(mark) }))
}

function stopSending(item: TurnItem): TurnItem {
  return item.kind === 'question' && item.isSending ? { ...item, isSending: false } : item
}
