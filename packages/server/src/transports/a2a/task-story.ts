import type { InteractionView, LoggedEvent, Rows, RunEnd, RunEvent } from '@countersign/core'
import { type CallOutcome, shortfallOf } from './call-outcomes.ts'

/** The states of a task, as A2A §4.1.3 names them. */
export type TaskStateName = 'submitted' | 'working' | 'input-required' | 'auth-required' | 'completed' | 'failed' | 'canceled' | 'rejected'

/** One message of a task: what its client asked, a question, or how that ended. */
export interface SaidMessage {
  readonly id: string
  readonly by: 'client' | 'agent'
  readonly text: string
  /** The question, where it is one. */
  readonly question?: InteractionView
}

/** How a task stands, and what is said to it. */
export interface TaskStanding {
  readonly state: TaskStateName
  /** Since when, epoch milliseconds. */
  readonly at: number
  readonly message?: SaidMessage
  /** Why there is no answer, as a code. */
  readonly code?: string
}

/** A task as the log of its run tells it: a fold over its events, so that every instance tells the same, also after a restart. */
export interface TaskStory {
  readonly run: Pick<Rows['runs'], 'id' | 'conversationId' | 'createdAt'>
  readonly standing: TaskStanding
  readonly history: readonly SaidMessage[]
  readonly open: readonly InteractionView[]
  readonly outcomes: readonly CallOutcome[]
  /** The model's last complete reply: once the run has ended well, the answer. */
  readonly reply: string
}

const OVER: ReadonlySet<TaskStateName> = new Set(['completed', 'failed', 'canceled', 'rejected'])

/** Whether the task has ended, which is final. */
export function isOver({ standing }: TaskStory): boolean {
  return OVER.has(standing.state)
}

/** Whether nothing goes on before somebody does something (A2A §3.2.2). */
export function isInterrupted({ standing }: TaskStory): boolean {
  return standing.state === 'input-required' || standing.state === 'auth-required'
}

/** A task of which nothing has happened yet. */
export function newStory({ id, conversationId, createdAt }: TaskStory['run']): TaskStory {
  const standing = { state: 'submitted', at: createdAt } as const
  return { run: { id, conversationId, createdAt }, standing, history: [], open: [], outcomes: [], reply: '' }
}

/** The story with one more event; the same story when it is not about it. */
export function foldTask(story: TaskStory, { at, event }: LoggedEvent): TaskStory {
  if (event.runId !== story.run.id) return story
  switch (event.type) {
    case 'run-start':
      return {
        ...story,
        standing: { state: 'submitted', at },
        history: [...story.history, { id: event.messageId, by: 'client', text: event.text }],
      }
    case 'reply-start':
      return standingAt(story, at)
    case 'reply-end':
      return { ...begun(story, at), reply: event.text }
    case 'tool-progress':
      return standingAt(story, at, { id: `${event.callId}:progress:${at}`, by: 'agent', text: event.text })
    case 'tool-end':
      return { ...story, outcomes: [...story.outcomes, { tool: event.tool, status: event.status, output: event.output }] }
    case 'interaction-open':
    case 'interaction-update':
      return foldQuestion(story, at, event.interaction)
    case 'interaction-close':
      return foldClose(story, at, event)
    case 'run-end':
      return { ...story, open: [], standing: ending(story, { at, state: event.state, sentence: event.sentence }) }
    case 'tool-start':
      return begun(story, at)
    case 'token-delta':
    case 'tool-wait':
    case 'authorization-request':
    case 'authorization-wait':
      return story
  }
}

/** How a run's end reads as that of a task. */
export function ending(
  { run, outcomes }: Pick<TaskStory, 'run' | 'outcomes'>,
  { at, state, sentence }: { readonly at: number; readonly state: RunEnd; readonly sentence?: string | undefined },
): TaskStanding {
  const shortfall = state === 'done' ? shortfallOf(outcomes) : undefined
  const said = shortfall?.sentence ?? sentence
  const message = said === undefined ? undefined : ({ id: `${run.id}:end`, by: 'agent', text: said } as const)
  const code = shortfall?.code ?? (state === 'failed' ? 'server_error' : undefined)
  const names = { done: 'completed', failed: 'failed', cancelled: 'canceled' } as const
  return { state: shortfall?.state ?? names[state], at, ...(message && { message }), ...(code !== undefined && { code }) }
}

function foldQuestion(story: TaskStory, at: number, interaction: InteractionView): TaskStory {
  if (interaction.state !== 'pending') return withNotice(story, interaction)
  const isNew = !story.open.some(({ id }) => id === interaction.id)
  const open = [...story.open.filter(({ id }) => id !== interaction.id), interaction]
  const history = isNew ? [...story.history, asMessage(interaction)] : story.history
  return standingAt({ ...story, open, history }, at)
}

/** A notification is answered by being shown. */
function withNotice(story: TaskStory, interaction: InteractionView): TaskStory {
  return { ...story, history: [...story.history, asMessage(interaction)] }
}

function foldClose(story: TaskStory, at: number, event: Extract<RunEvent, { type: 'interaction-close' }>): TaskStory {
  const open = story.open.filter(({ id }) => id !== event.interactionId)
  const closing = { id: `${event.interactionId}:end`, by: 'agent', text: event.sentence } as const
  return standingAt({ ...story, open, history: [...story.history, closing] }, at)
}

/** Of a reply that is complete the log need not keep the beginning. */
function begun(story: TaskStory, at: number): TaskStory {
  return story.standing.state === 'submitted' ? standingAt(story, at) : story
}

/** What is to be answered comes before what is only waited for: of the two it alone is the client's to end. */
function standingAt(story: TaskStory, at: number, progress?: SaidMessage): TaskStory {
  const question = story.open.find((asked) => !isAuthority(asked)) ?? story.open[0]
  const message = question ? asMessage(question) : progress
  const state = question ? (isAuthority(question) ? 'auth-required' : 'input-required') : 'working'
  if (state === story.standing.state && message === undefined && story.standing.message === undefined) return story
  return { ...story, standing: { state, at, ...(message && { message }) } }
}

/** Whether the question is one for authority, which comes from elsewhere and never from the client's words (A2A §7.6). */
export function isAuthority({ question }: InteractionView): boolean {
  return question.kind === 'oauth_consent' || question.kind === 'backchannel' || question.kind === 'device_code'
}

function asMessage(interaction: InteractionView): SaidMessage {
  const { question, problem } = interaction
  return {
    id: interaction.id,
    by: 'agent',
    text: problem === undefined ? question.text : `${question.text}\n${problem}`,
    question: interaction,
  }
}
