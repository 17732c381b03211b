import type { CallStatus, InteractionState, InteractionView, JsonValue, RunEnd, WaitProgress } from '@countersign/core/protocol'

/** Everything the chat knows of one conversation; rebuilt from the log on every load. */
export interface ChatState {
  readonly conversationId: string
  /** The last event folded; the next must follow on it. */
  readonly lastSeq: number
  /** The log's beginning is no longer kept. */
  readonly isShortened: boolean
  /** An event is missing: nothing more is folded until the client reconnects. */
  readonly hasGap: boolean
  /** The log's past was replayed; what follows is live. */
  readonly isCaughtUp: boolean
  /** In the order of the log; turns the server has not accepted yet come last. */
  readonly turns: readonly Turn[]
  /** The server's complaint about a frame of ours that is neither a message nor a response shown here. */
  readonly complaint: string | null
}

/** One message of the person and everything that came of it. */
export interface Turn {
  readonly messageId: string
  /** Null until the server accepted the message. */
  readonly runId: string | null
  readonly text: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly items: readonly TurnItem[]
  readonly end: TurnEnd | null
  /** The person asked to stop it and the log has not confirmed that yet. */
  readonly isStopping: boolean
  /** Why the server refused the message itself; null while it did not. */
  readonly rejection: string | null
}

/** How a turn ended, and what the person is told about it. */
export interface TurnEnd {
  readonly state: RunEnd
  readonly sentence: string | null
}

/** What a turn shows, in the order in which it began. */
export type TurnItem = Reply | Step | AskedQuestion

/** What a model said in one go. */
export interface Reply {
  readonly kind: 'reply'
  readonly id: string
  readonly turn: number
  readonly attempt: number
  readonly text: string
  readonly isComplete: boolean
}

/** `running`, `waiting` (for the person here) and `asking` (whoever has the other device) are on the way; the others are ends. */
export type StepStatus = 'running' | 'waiting' | 'asking' | CallStatus

/** One call of a tool. */
export interface Step {
  readonly kind: 'step'
  readonly id: string
  readonly tool: string
  readonly status: StepStatus
  readonly input: JsonValue
  /** Absent until the call ended. */
  readonly output?: JsonValue
  readonly progress: readonly string[]
  /** Epoch milliseconds. */
  readonly startedAt: number
  readonly endedAt: number | null
}

/** A question to the person, open or closed. */
export interface AskedQuestion {
  readonly kind: 'question'
  readonly id: string
  readonly view: InteractionView
  /** It was opened while this page was watching, not before it came. */
  readonly isLive: boolean
  /** The frame that carries the person's response, while it is on its way to the server. */
  readonly responseId: string | null
  /** Why the server did not take the last response. */
  readonly refusal: string | null
  /** How it goes with what waits on another device; null of other questions, and until something is known. */
  readonly wait: WaitProgress | null
  readonly end: QuestionEnd | null
}

/** How a question ended, in words for the record. */
export interface QuestionEnd {
  readonly state: Exclude<InteractionState, 'pending'>
  readonly sentence: string
  /** Epoch milliseconds. */
  readonly at: number
  /** A principal's id, or `system`; null when the log does not say. */
  readonly by: string | null
}

/** A conversation of which nothing is known yet. */
export function emptyChat(conversationId: string): ChatState {
  return { conversationId, lastSeq: 0, isShortened: false, hasGap: false, isCaughtUp: false, turns: [], complaint: null }
}

/** The questions that still wait for the person, in the order asked. */
export function openQuestions(state: ChatState): readonly AskedQuestion[] {
  return state.turns.flatMap(({ items }) => items.filter((item): item is AskedQuestion => item.kind === 'question' && item.end === null))
}

/** Whether a run of this conversation is under way, and can be stopped. */
export function isBusy(state: ChatState): boolean {
  return state.turns.some((turn) => turn.runId !== null && turn.end === null)
}
