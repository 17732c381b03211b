import { type Part, type StreamResponse, type Task, TaskState, type TaskStatus } from '@a2a-js/sdk'

/** How a task stands: its state as the protocol writes it, and what the agent says to it. */
export interface Standing {
  readonly state: string
  readonly text: string
  /** Why there is no answer: `access_denied`, `expired` … */
  readonly code?: string
}

const over: ReadonlySet<TaskState> = new Set([
  TaskState.TASK_STATE_COMPLETED,
  TaskState.TASK_STATE_FAILED,
  TaskState.TASK_STATE_CANCELED,
  TaskState.TASK_STATE_REJECTED,
])

/** A task as far as its news have come in. */
export class FollowedTask {
  readonly #onStanding: (standing: Standing) => void
  readonly #artifacts = new Map<string, string>()
  #id = ''
  #state = TaskState.TASK_STATE_UNSPECIFIED
  #said = ''
  #code: string | undefined

  constructor(onStanding: (standing: Standing) => void) {
    this.#onStanding = onStanding
  }

  get id(): string {
    return this.#id
  }

  get isOver(): boolean {
    return over.has(this.#state)
  }

  /** An answer is an artifact; why there is none, the agent says with the state. */
  get standing(): Standing {
    const answer = [...this.#artifacts.values()].join('\n')
    const told = { state: stateName(this.#state), text: this.isOver && answer !== '' ? answer : this.#said }
    return this.#code === undefined ? told : { ...told, code: this.#code }
  }

  see({ payload }: StreamResponse): void {
    if (payload?.$case === 'task') this.seeTask(payload.value)
    if (payload?.$case === 'statusUpdate') this.#seeStatus(payload.value.taskId, payload.value.status)
    if (payload?.$case === 'artifactUpdate' && payload.value.artifact !== undefined) {
      const { artifactId, parts } = payload.value.artifact
      const before = payload.value.append ? (this.#artifacts.get(artifactId) ?? '') : ''
      this.#artifacts.set(artifactId, before + textOf(parts))
    }
  }

  seeTask({ id, status, artifacts }: Task): void {
    for (const { artifactId, parts } of artifacts) this.#artifacts.set(artifactId, textOf(parts))
    this.#seeStatus(id, status)
  }

  /** Told once for each change: a stream that is opened again begins with what is known already. */
  #seeStatus(id: string, status: TaskStatus | undefined): void {
    if (status === undefined) return
    const before = this.standing
    this.#id = id
    this.#state = status.state
    this.#said = textOf(status.message?.parts ?? [])
    const error: unknown = status.message?.metadata?.['error']
    this.#code = typeof error === 'string' ? error : undefined
    const now = this.standing
    if (now.state !== before.state || now.text !== before.text) this.#onStanding(now)
  }
}

/** `TASK_STATE_AUTH_REQUIRED` is `auth-required`. */
function stateName(state: TaskState): string {
  return TaskState[state].replace('TASK_STATE_', '').replaceAll('_', '-').toLowerCase()
}

function textOf(parts: readonly Part[]): string {
  return parts.map(({ content }) => (content?.$case === 'text' ? content.value : '')).join('')
}
