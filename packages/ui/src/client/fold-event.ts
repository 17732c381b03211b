import type { EventMessage, RunEvent } from '@countersign/core/protocol'
import type { ChatState, Turn, TurnItem } from './chat-state.ts'
import { foldItem, type Moment } from './fold-item.ts'

/** The state after one event of the log; already seen events change nothing, a missing one sets `hasGap`. */
export function foldEvent(state: ChatState, logged: Pick<EventMessage, 'seq' | 'at' | 'event' | 'after'>): ChatState {
  if (state.hasGap || logged.seq <= state.lastSeq) return state
  const before = logged.after ?? logged.seq - 1
  if (before > state.lastSeq) return { ...state, hasGap: true }
  return { ...state, lastSeq: logged.seq, turns: foldTurns(state.turns, logged.event, { at: logged.at, isLive: state.isCaughtUp }) }
}

function foldTurns(turns: readonly Turn[], event: RunEvent, moment: Moment): readonly Turn[] {
  if (event.type === 'run-start') return beginTurn(turns, event, moment.at)
  return turns.map((turn) => (turn.runId === event.runId ? foldTurn(turn, event, moment) : turn))
}

/** A message shown before the server accepted it is matched by its id; accepted turns stand before those still on their way. */
function beginTurn(turns: readonly Turn[], event: RunEvent & { type: 'run-start' }, at: number): readonly Turn[] {
  const begun: Turn = { ...emptyTurn(event.messageId, event.text, at), runId: event.runId }
  const others = turns.filter((turn) => turn.messageId !== event.messageId || turn.runId !== null)
  const isAccepted = (turn: Turn): boolean => turn.runId !== null || turn.rejection !== null
  return [...others.filter(isAccepted), begun, ...others.filter((turn) => !isAccepted(turn))]
}

function foldTurn(turn: Turn, event: RunEvent, moment: Moment): Turn {
  if (event.type === 'run-end') {
    const end = { state: event.state, sentence: event.sentence ?? null }
    return { ...turn, isStopping: false, end, items: turn.items.map((item) => settleStep(item, moment.at)) }
  }
  const items = foldItem(turn.items, event, moment)
  return items === turn.items ? turn : { ...turn, items }
}

/** A call that was under way when its run ended will not report any more. */
function settleStep(item: TurnItem, at: number): TurnItem {
  if (item.kind !== 'step' || item.endedAt !== null) return item
  return { ...item, status: 'cancelled', endedAt: at }
}

/** A turn of which only the person's words are known. */
export function emptyTurn(messageId: string, text: string, at: number): Turn {
  return { messageId, runId: null, text, at, items: [], end: null, isStopping: false, rejection: null }
}
