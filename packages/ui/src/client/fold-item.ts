import type { InteractionView, RunEvent } from '@countersign/core/protocol'
import type { AskedQuestion, Reply, Step, TurnItem } from './chat-state.ts'

/** When an event happened: epoch milliseconds, and whether this page was watching. */
export interface Moment {
  readonly at: number
  readonly isLive: boolean
}

type Items = readonly TurnItem[]

/** The items of a turn after one event of its run; the same array when the event changes none of them. */
export function foldItem(items: Items, event: RunEvent, { at, isLive }: Moment): Items {
  switch (event.type) {
    case 'reply-start':
    case 'token-delta':
    case 'reply-end':
      return foldReply(items, event)
    case 'tool-start':
      return [...items, newStep(event, at)]
    case 'authorization-request':
      return change(items, stepOf(event.callId), (step) => ({ ...step, status: 'asking' }))
    case 'tool-wait':
      return change(items, stepOf(event.callId), (step) => ({ ...step, status: waitOf(items, event.callId) }))
    case 'tool-progress':
      return change(items, stepOf(event.callId), (step) => ({ ...step, status: 'running', progress: [...step.progress, event.text] }))
    case 'tool-end':
      return change(items, stepOf(event.callId), (step) => ({ ...step, status: event.status, output: event.output, endedAt: at }))
    case 'interaction-open':
      return put(items, newQuestion(event.interaction, { at, isLive }))
    case 'interaction-update':
      return change(items, questionOf(event.interaction.id), (asked) => ({
        ...asked,
        view: event.interaction,
        responseId: null,
        refusal: null,
      }))
    case 'interaction-close':
      return closeQuestion(items, event, at)
    case 'authorization-wait':
      return change(items, questionOf(event.interactionId), (asked) => ({ ...asked, wait: event.wait }))
    case 'run-start':
    case 'run-end':
      return items
    default:
      return ignoreUnknown(items, event)
  }
}

type ReplyEvent = Extract<RunEvent, { type: 'reply-start' | 'token-delta' | 'reply-end' }>

/** Deltas of an older attempt are void; a higher attempt starts the text anew; the end's text is the whole text. */
function foldReply(items: Items, event: ReplyEvent): Items {
  const id = `reply-${event.turn}`
  const known = items.find((item): item is Reply => item.kind === 'reply' && item.id === id)
  if (known !== undefined && (event.attempt < known.attempt || (known.isComplete && event.attempt === known.attempt))) return items
  const fresh: Reply = { kind: 'reply', id, turn: event.turn, attempt: event.attempt, text: '', isComplete: false }
  const reply = known !== undefined && known.attempt === event.attempt ? known : fresh
  switch (event.type) {
    case 'reply-start':
      return put(items, fresh)
    case 'token-delta':
      return put(items, { ...reply, text: reply.text + event.text })
    case 'reply-end':
      return put(items, { ...reply, text: event.text, isComplete: true })
  }
}

function newStep(event: RunEvent & { type: 'tool-start' }, at: number): Step {
  const { callId, tool, input } = event
  return { kind: 'step', id: callId, tool, status: 'running', input, progress: [], startedAt: at, endedAt: null }
}

/** Some questions are over when they are opened: a notification asks nothing. */
function newQuestion(view: InteractionView, { at, isLive }: Moment): AskedQuestion {
  const end = view.state === 'pending' ? null : { state: view.state, sentence: view.question.text, at, by: 'system' }
  return { kind: 'question', id: view.id, view, isLive, responseId: null, refusal: null, wait: null, end }
}

/** A closed question also ends the wait of its call. */
function closeQuestion(items: Items, event: RunEvent & { type: 'interaction-close' }, at: number): Items {
  const end = { state: event.state, sentence: event.sentence, at, by: event.by ?? null }
  const closed = change(items, questionOf(event.interactionId), (asked) => ({ ...asked, responseId: null, refusal: null, end }))
  const asked = closed.find(questionOf(event.interactionId))
  const callId = asked?.view.callId ?? null
  if (callId === null) return closed
  return change(closed, stepOf(callId), (step) =>
    step.status === 'waiting' || step.status === 'asking' ? { ...step, status: 'running' } : step,
  )
}

/** For whom a call waits: where its question is answered elsewhere, for whoever has the other device. */
function waitOf(items: Items, callId: string): 'waiting' | 'asking' {
  const isElsewhere = items.some(
    (item) => item.kind === 'question' && item.end === null && item.view.callId === callId && item.view.question.kind === 'backchannel',
  )
  return isElsewhere ? 'asking' : 'waiting'
}

function put(items: Items, item: TurnItem): Items {
  const isKnown = items.some(({ kind, id }) => kind === item.kind && id === item.id)
  return isKnown ? items.map((other) => (other.kind === item.kind && other.id === item.id ? item : other)) : [...items, item]
}

function change<T extends TurnItem>(items: Items, matches: (item: TurnItem) => item is T, update: (item: T) => T): Items {
  return items.some(matches) ? items.map((item) => (matches(item) ? update(item) : item)) : items
}

function stepOf(callId: string): (item: TurnItem) => item is Step {
  return (item): item is Step => item.kind === 'step' && item.id === callId
}

function questionOf(id: string): (item: TurnItem) => item is AskedQuestion {
  return (item): item is AskedQuestion => item.kind === 'question' && item.id === id
}

/** A newer server may log events this page does not know; a new kind of event in the protocol is a compile error here. */
function ignoreUnknown(items: Items, _event: never): Items {
  return items
}
