import type { LoggedEvent, RunEvent } from '@countersign/core/protocol'
import type { ChatState, Turn } from './chat-state.ts'
import { foldItem } from './fold-item.ts'

/** The state after one event of the log; already seen events change nothing, a missing one sets `hasGap`. */
export function foldEvent(state: ChatState, logged: LoggedEvent): ChatState {
  if (state.hasGap || logged.seq <= state.lastSeq) return state
  if (logged.seq > state.lastSeq + 1) return { ...state, hasGap: true }
  return { ...state, lastSeq: logged.seq, turns: foldTurns(state.turns, logged) }
}

function foldTurns(turns: readonly Turn[], { event, at }: LoggedEvent): readonly Turn[] {
  if (event.type === 'run-start') return beginTurn(turns, event, at)
  return turns.map((turn) => (turn.runId === event.runId ? foldTurn(turn, event, at) : turn))
}

/** A message shown before the server accepted it is matched by its id; accepted turns stand before those still on their way. */
function beginTurn(turns: readonly Turn[], event: RunEvent & { type: 'run-start' }, at: number): readonly Turn[] {
  const begun: Turn = { ...emptyTurn(event.messageId, event.text, at), runId: event.runId }
  const others = turns.filter((turn) => turn.messageId !== event.messageId || turn.runId !== null)
  const isAccepted = (turn: Turn): boolean => turn.runId !== null || turn.isRejected
  return [...others.filter(isAccepted), begun, ...others.filter((turn) => !isAccepted(turn))]
}

function foldTurn(turn: Turn, event: RunEvent, at: number): Turn {
  if (event.type === 'run-end') {
    return { ...turn, isStopping: false, end: { state: event.state, sentence: event.sentence ?? null } }
  }
  const items = foldItem(turn.items, event, at)
  return items === turn.items ? turn : { ...turn, items }
}

/** A turn of which only the person's words are known. */
export function emptyTurn(messageId: string, text: string, at: number): Turn {
  return { messageId, runId: null, text, at, items: [], end: null, isStopping: false, isRejected: false }
}
