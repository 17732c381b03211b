import type { InteractionView } from '@countersign/core'
import { type Artifact, type Message, type Part, Role, type StreamResponse, type Task, TaskState, type TaskStatus } from '@a2a-js/sdk'
import { type SaidMessage, type TaskStateName, type TaskStory } from './task-story.ts'

const STATES: Readonly<Record<TaskStateName, TaskState>> = {
  submitted: TaskState.TASK_STATE_SUBMITTED,
  working: TaskState.TASK_STATE_WORKING,
  'input-required': TaskState.TASK_STATE_INPUT_REQUIRED,
  'auth-required': TaskState.TASK_STATE_AUTH_REQUIRED,
  completed: TaskState.TASK_STATE_COMPLETED,
  failed: TaskState.TASK_STATE_FAILED,
  canceled: TaskState.TASK_STATE_CANCELED,
  rejected: TaskState.TASK_STATE_REJECTED,
}

/** What a client may have of a task. */
export interface TaskShown {
  /** At most so many of the newest messages; undefined: all. */
  readonly historyLength?: number | undefined
  readonly withArtifacts?: boolean
}

/** A task as the protocol has it. */
export function a2aTask(story: TaskStory, { historyLength, withArtifacts = true }: TaskShown = {}): Task {
  const kept = historyLength === undefined ? story.history : historyLength <= 0 ? [] : story.history.slice(-historyLength)
  return {
    id: story.run.id,
    contextId: story.run.conversationId,
    status: statusOf(story),
    artifacts: withArtifacts ? artifactsOf(story) : [],
    history: kept.map((said) => messageOf(story, said)),
    metadata: undefined,
  }
}

/** What a stream tells of one change: at the end the answer, then the state, which is the last word. */
export function taskNews(story: TaskStory): readonly StreamResponse[] {
  const about = { taskId: story.run.id, contextId: story.run.conversationId, metadata: undefined }
  const answers = artifactsOf(story).map((artifact): StreamResponse => ({
    payload: { $case: 'artifactUpdate', value: { ...about, artifact, append: false, lastChunk: true } },
  }))
  return [...answers, { payload: { $case: 'statusUpdate', value: { ...about, status: statusOf(story) } } }]
}

/** The state of a task by the number that the protocol's messages have for it. */
export function stateOf({ standing }: TaskStory): TaskState {
  return STATES[standing.state]
}

function statusOf(story: TaskStory): TaskStatus {
  const { standing } = story
  const message = standing.message && messageOf(story, standing.message)
  return {
    state: stateOf(story),
    message: message && (standing.code === undefined ? message : { ...message, metadata: { error: standing.code } }),
    timestamp: new Date(standing.at).toISOString(),
  }
}

/** Only what was completed has an answer: what a model says of a refusal is none. */
function artifactsOf({ run, standing, reply }: TaskStory): Artifact[] {
  if (standing.state !== 'completed') return []
  return [
    { artifactId: `${run.id}:answer`, name: 'answer', description: '', parts: [textPart(reply)], metadata: undefined, extensions: [] },
  ]
}

function messageOf({ run }: TaskStory, { id, by, text, question }: SaidMessage): Message {
  return {
    messageId: id,
    taskId: run.id,
    contextId: run.conversationId,
    role: by === 'client' ? Role.ROLE_USER : Role.ROLE_AGENT,
    parts: question ? [textPart(text), dataPart(questionFacts(question))] : [textPart(text)],
    metadata: undefined,
    extensions: [],
    referenceTaskIds: [],
  }
}

/** What a program needs to know of a question, beside its words. Of authority it is told what is waited for; its own credentials are never asked for. */
function questionFacts(interaction: InteractionView): object {
  const { id: interactionId, question, expiresAt } = interaction
  const about = { interactionId, kind: question.kind, expiresAt: new Date(expiresAt).toISOString() }
  switch (question.kind) {
    case 'backchannel':
      return { ...about, ...question.backchannel }
    case 'device_code':
      return { ...about, ...question.device }
    case 'oauth_consent':
      return { ...about, ...question.consent }
    case 'binary_choice':
      return { ...about, options: question.options, ...(question.approval && { approval: question.approval }) }
    case 'radio':
    case 'checkbox':
    case 'dropdown':
      return { ...about, options: question.options }
    case 'text':
    case 'notification':
      return about
  }
}

function textPart(text: string): Part {
  return { content: { $case: 'text', value: text }, metadata: undefined, filename: '', mediaType: 'text/plain' }
}

function dataPart(value: object): Part {
  return { content: { $case: 'data', value }, metadata: undefined, filename: '', mediaType: 'application/json' }
}
