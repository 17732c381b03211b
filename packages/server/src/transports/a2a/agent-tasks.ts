import type {
  CancelTaskRequest,
  GetTaskRequest,
  ListTasksRequest,
  SendMessageRequest,
  StreamResponse,
  SubscribeToTaskRequest,
} from '@a2a-js/sdk'
import type { AgentCard, ListTasksResponse, Task } from '@a2a-js/sdk'
import {
  type A2AError,
  PushNotificationNotSupportedError,
  TaskNotCancelableError,
  TaskNotFoundError,
  UnsupportedOperationError,
} from '@a2a-js/sdk/errors'
import type { A2ARequestHandler } from '@a2a-js/sdk/server'
import type { Visitor } from '@countersign/core'
import type { RouteDeps } from '../../routes/route-deps.ts'
import { a2aTask, taskNews } from './a2a-task.ts'
import { type Beginning, followTask } from './follow-task.ts'
import { listTasks } from './list-tasks.ts'
import { type FoundTask, findTask, readTask } from './read-task.ts'
import { isInterrupted, isOver, type TaskStory } from './task-story.ts'
import type { TakenMessages } from './taken-messages.ts'

/** Who asks, and how long they can be told something. */
export interface Caller {
  readonly visitor: Visitor
  /** Aborts when the client has gone, its token has expired, or the server stops. */
  readonly signal: AbortSignal
  /** The same, and when a request that waits has to be answered. */
  readonly waiting: AbortSignal
}

/** What tasks need of the server. */
export interface AgentDeps extends Pick<RouteDeps, 'store' | 'runs' | 'runtime' | 'built' | 'limits'> {
  readonly messages: TakenMessages
  card(): Promise<AgentCard>
  /** What a client is told of a failure; it is logged where it is one of ours. */
  reported(error: unknown): A2AError
}

/** How long a task may take to end once it is cancelled, milliseconds: a call that executes has eight seconds. */
const CANCEL_MS = 10_000

/** The operations of A2A §3.1 for one caller. A task is a run, its context a conversation: nothing else is kept, and nothing here waits for a human. */
export class AgentTasks implements A2ARequestHandler {
  readonly #deps: AgentDeps
  readonly #caller: Caller

  constructor(deps: AgentDeps, caller: Caller) {
    this.#deps = deps
    this.#caller = caller
  }

  getAgentCard(): Promise<AgentCard> {
    return this.#deps.card()
  }

  sendMessage(request: SendMessageRequest): Promise<Task> {
    return this.#safely(() => this.#send(request))
  }

  async #send({ message, configuration }: SendMessageRequest): Promise<Task> {
    refusePush(configuration)
    const taskId = await this.#deps.messages.take(message, this.#caller.visitor)
    const found = await this.#find(taskId)
    const isBlocking = configuration?.returnImmediately !== true
    const isEnough = (story: TaskStory): boolean => isOver(story) || isInterrupted(story)
    const story = isBlocking ? await this.#until(found, isEnough, this.#caller.waiting) : await readTask(this.#deps.store, found)
    return a2aTask(story, configuration)
  }

  /** A new task is told from its start. Ends where the client has to say something; while somebody else is waited for it goes on (A2A §7.6.1). */
  async *sendMessageStream({ message, configuration }: SendMessageRequest): AsyncGenerator<StreamResponse, void, undefined> {
    refusePush(configuration)
    const found = await this.#find(await this.#deps.messages.take(message, this.#caller.visitor))
    const from = message?.taskId ? 'now' : 'its start'
    for await (const { news, story } of this.#newsOf(found, { from, historyLength: configuration?.historyLength })) {
      yield news
      if (story.standing.state === 'input-required') return
    }
  }

  async *resubscribe({ id }: SubscribeToTaskRequest): AsyncGenerator<StreamResponse, void, undefined> {
    const found = await this.#find(id)
    if (isOver(await readTask(this.#deps.store, found)))
      throw new UnsupportedOperationError('The task has ended; there is nothing to follow.')
    for await (const { news } of this.#newsOf(found, { from: 'now' })) yield news
  }

  getTask({ id, historyLength }: GetTaskRequest): Promise<Task> {
    return this.#safely(async () => a2aTask(await readTask(this.#deps.store, await this.#find(id)), { historyLength }))
  }

  listTasks(request: ListTasksRequest): Promise<ListTasksResponse> {
    return this.#safely(() => listTasks(this.#deps.store, this.#caller.visitor, request))
  }

  /** Withdraws what the task asks, stops what it does, and waits a little for its end. */
  cancelTask({ id }: CancelTaskRequest): Promise<Task> {
    return this.#safely(() => this.#cancel(id))
  }

  async #cancel(id: string): Promise<Task> {
    const { store, runs, runtime } = this.#deps
    const { visitor } = this.#caller
    const found = await this.#find(id)
    const story = await readTask(store, found)
    if (story.standing.state === 'canceled') return a2aTask(story)
    if (isOver(story)) throw new TaskNotCancelableError('The task has ended.')
    if (!(await runs.cancel(story.run.conversationId, visitor, id)))
      throw new TaskNotCancelableError('The task does not run now: it has just ended, or waits for the one before it in its context.')
    const enough = new AbortController()
    const stopTimer = runtime.timer(CANCEL_MS, () => enough.abort())
    const ended = await this.#until(found, isOver, AbortSignal.any([enough.signal, this.#caller.waiting]))
    stopTimer()
    return a2aTask(ended)
  }

  async getAuthenticatedExtendedAgentCard(): Promise<AgentCard> {
    throw new UnsupportedOperationError('There is no more to say than the public card says.')
  }

  async createTaskPushNotificationConfig(): Promise<never> {
    throw new PushNotificationNotSupportedError()
  }

  async getTaskPushNotificationConfig(): Promise<never> {
    throw new PushNotificationNotSupportedError()
  }

  async listTaskPushNotificationConfigs(): Promise<never> {
    throw new PushNotificationNotSupportedError()
  }

  async deleteTaskPushNotificationConfig(): Promise<never> {
    throw new PushNotificationNotSupportedError()
  }

  /** The library repeats to the client whatever is thrown. */
  async #safely<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw this.#deps.reported(error)
    }
  }

  /** Somebody else's task is not told apart from none. */
  async #find(taskId: string): Promise<FoundTask> {
    const found = await findTask(this.#deps.store, taskId, this.#caller.visitor)
    if (!found) throw new TaskNotFoundError('There is no such task.')
    return found
  }

  /** How the task stands when that is enough, or when there is no more time. */
  async #until(found: FoundTask, isEnough: (story: TaskStory) => boolean, signal: AbortSignal): Promise<TaskStory> {
    if ('story' in found) return found.story
    for await (const story of followTask(this.#deps, found, { from: 'now', signal })) if (isEnough(story)) return story
    return readTask(this.#deps.store, found)
  }

  async *#newsOf(
    found: FoundTask,
    { from, historyLength }: { readonly from: Beginning; readonly historyLength?: number | undefined },
  ): AsyncGenerator<{ readonly news: StreamResponse; readonly story: TaskStory }, void, undefined> {
    let isFirst = true
    const { signal } = this.#caller
    for await (const story of 'story' in found ? [found.story] : followTask(this.#deps, found, { from, signal })) {
      const whole = { payload: { $case: 'task' as const, value: a2aTask(story, { historyLength }) } }
      for (const news of isFirst ? [whole] : taskNews(story)) yield { news, story }
      isFirst = false
    }
  }
}

/** The card says that there is none (A2A §3.1.7): to promise it for one message would be to break the promise. */
function refusePush(configuration: SendMessageRequest['configuration']): void {
  if (configuration?.taskPushNotificationConfig) throw new PushNotificationNotSupportedError()
}
