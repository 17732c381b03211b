import { randomUUID } from 'node:crypto'
import {
  type ListTasksRequest,
  type ListTasksResponse,
  type Message,
  type Part,
  Role,
  type SendMessageRequest,
  type StreamResponse,
  type Task,
  TaskState,
} from '@a2a-js/sdk'
import { type Client, ClientFactory, createAuthenticatingFetchWithRetry, JsonRpcTransportFactory } from '@a2a-js/sdk/client'
import { UnsupportedOperationError } from '@a2a-js/sdk/errors'

/** What a message has besides its words. */
export interface MessageParts {
  readonly taskId?: string
  readonly contextId?: string
  readonly messageId?: string
  /** A data part. */
  readonly data?: unknown
  readonly parts?: readonly Part[]
  /** Not to wait for anything. */
  readonly isImmediate?: boolean
  readonly historyLength?: number
}

/** The protocol's own client, in the words of these tests. */
export class AgentClient {
  readonly sdk: Client

  private constructor(sdk: Client) {
    this.sdk = sdk
  }

  /** Connects by the agent's card, and brings a token with each request. */
  static async open(url: string, token: () => string | undefined): Promise<AgentClient> {
    const headers = async (): Promise<Record<string, string>> => {
      const brought = token()
      return brought === undefined ? {} : { authorization: `Bearer ${brought}` }
    }
    const fetchImpl = createAuthenticatingFetchWithRetry(fetch, { headers, shouldRetryWithHeaders: async () => undefined })
    const factory = new ClientFactory({ transports: [new JsonRpcTransportFactory({ fetchImpl })] })
    return new AgentClient(await factory.createFromUrl(url))
  }

  /** Says something, and takes the task as it stands then. */
  async ask(text: string, parts: MessageParts = {}): Promise<Task> {
    const answer = await this.sdk.sendMessage(request(text, parts))
    if ('messageId' in answer) throw new Error('the agent answered with a message')
    return answer
  }

  stream(text: string, parts: MessageParts = {}): AsyncGenerator<StreamResponse, void, undefined> {
    return this.sdk.sendMessageStream(request(text, parts))
  }

  get(id: string, historyLength?: number): Promise<Task> {
    return this.sdk.getTask({ tenant: '', id, historyLength })
  }

  list(wanted: Partial<ListTasksRequest> = {}): Promise<ListTasksResponse> {
    const all = { tenant: '', contextId: '', status: TaskState.TASK_STATE_UNSPECIFIED, pageToken: '', statusTimestampAfter: undefined }
    return this.sdk.listTasks({ ...all, ...wanted })
  }

  cancel(id: string): Promise<Task> {
    return this.sdk.cancelTask({ tenant: '', id, metadata: undefined })
  }

  follow(id: string): AsyncGenerator<StreamResponse, void, undefined> {
    return this.sdk.resubscribeTask({ tenant: '', id })
  }

  /** Follows a task until it is in one of these states. @returns the task as it is then */
  async until(id: string, ...states: readonly string[]): Promise<Task> {
    const now = await this.get(id)
    if (states.includes(stateOf(now))) return now
    try {
      for await (const news of this.follow(id)) if (states.includes(stateIn(news) ?? '')) return await this.get(id)
    } catch (error) {
      // It ended between the two looks: then there is nothing to follow, and how it stands is final.
      if (!(error instanceof UnsupportedOperationError)) throw error
      const ended = await this.get(id)
      if (states.includes(stateOf(ended))) return ended
    }
    throw new Error(`the task ended without being ${states.join(' or ')}`)
  }
}

/** All that a stream has to tell, once it has ended. */
export async function allOf<T>(stream: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const each of stream) all.push(each)
  return all
}

/** `auth-required` for `TASK_STATE_AUTH_REQUIRED`. */
export function stateOf({ status }: Pick<Task, 'status'>): string {
  const name = TaskState[status?.state ?? TaskState.TASK_STATE_UNSPECIFIED]
  return name.replace('TASK_STATE_', '').replaceAll('_', '-').toLowerCase()
}

/** The state that a stream tells of, if it does. */
export function stateIn({ payload }: StreamResponse): string | undefined {
  return payload?.$case === 'task' || payload?.$case === 'statusUpdate' ? stateOf(payload.value) : undefined
}

/** The words of a message, or of the answer of a task. */
export function wordsOf(said: Pick<Message, 'parts'> | Task | undefined): string {
  const parts = said === undefined ? [] : 'parts' in said ? said.parts : said.artifacts.flatMap((artifact) => artifact.parts)
  return parts.map(({ content }) => (content?.$case === 'text' ? content.value : '')).join('')
}

/** What a task says to its state. */
export function saidOf({ status }: Task): string {
  return wordsOf(status?.message)
}

/** The facts of the question that a task asks. */
export function factsOf({ status }: Task): Readonly<Record<string, unknown>> {
  const part = status?.message?.parts.find(({ content }) => content?.$case === 'data')
  // Asserted on by the tests, member by member.
  return (part?.content?.$case === 'data' ? part.content.value : {}) as Readonly<Record<string, unknown>>
}

function request(text: string, given: MessageParts): SendMessageRequest {
  const { taskId = '', contextId = '', messageId = randomUUID(), data, parts = [], isImmediate = false, historyLength } = given
  const plain = { metadata: undefined, filename: '' }
  const textPart: Part = { ...plain, content: { $case: 'text', value: text }, mediaType: 'text/plain' }
  const dataPart: Part = { ...plain, content: { $case: 'data', value: data }, mediaType: 'application/json' }
  const all = [...(text === '' ? [] : [textPart]), ...(data === undefined ? [] : [dataPart]), ...parts]
  return {
    tenant: '',
    metadata: undefined,
    configuration: { acceptedOutputModes: [], taskPushNotificationConfig: undefined, returnImmediately: isImmediate, historyLength },
    message: { messageId, taskId, contextId, role: Role.ROLE_USER, parts: all, metadata: undefined, extensions: [], referenceTaskIds: [] },
  }
}
