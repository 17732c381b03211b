import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { Role, type SendMessageRequest, type StreamResponse } from '@a2a-js/sdk'
import type { Client } from '@a2a-js/sdk/client'
import { TaskNotFoundError } from '@a2a-js/sdk/errors'
import { AgentRefusal } from './connect-agent.ts'
import { FollowedTask, type Standing } from './followed-task.ts'

/** How a question to an agent ended. */
export interface Outcome extends Standing {
  readonly taskId: string
}

/** For how many looks in a row an agent may be away, at a second each, before it is given up. */
const patience = 60

/**
 * Asks an agent, and follows the task until it is over: through an approval that takes its time, a stream that ends, and an agent that is
 * started again.
 * @param onStanding is told each state on the way
 * @throws AgentRefusal when the agent does not take our token
 */
export async function askAgent(
  client: Client,
  question: string,
  onStanding: (standing: Standing, taskId: string) => void,
): Promise<Outcome> {
  const task: FollowedTask = new FollowedTask((standing) => onStanding(standing, task.id))
  try {
    await readAll(client.sendMessageStream(messageOf(question)), task)
  } catch (error) {
    // A stream may break; a task that has a name is not lost with it.
    if (task.id === '') throw error
  }
  await followTask(client, task)
  return { ...task.standing, taskId: task.id }
}

async function followTask(client: Client, task: FollowedTask): Promise<void> {
  let failures = 0
  while (!task.isOver) {
    try {
      task.seeTask(await client.getTask({ tenant: '', id: task.id }))
      if (!task.isOver) await readAll(client.resubscribeTask({ tenant: '', id: task.id }), task)
      failures = 0
    } catch (error) {
      failures += 1
      if (error instanceof AgentRefusal || error instanceof TaskNotFoundError || failures > patience) throw error
    }
    if (!task.isOver) await setTimeout(1000)
  }
}

async function readAll(stream: AsyncIterable<StreamResponse>, task: FollowedTask): Promise<void> {
  for await (const news of stream) task.see(news)
}

function messageOf(question: string): SendMessageRequest {
  return {
    tenant: '',
    metadata: undefined,
    configuration: { acceptedOutputModes: ['text/plain'], taskPushNotificationConfig: undefined, returnImmediately: false },
    message: {
      messageId: randomUUID(),
      contextId: '',
      taskId: '',
      role: Role.ROLE_USER,
      parts: [{ content: { $case: 'text', value: question }, metadata: undefined, filename: '', mediaType: 'text/plain' }],
      metadata: undefined,
      extensions: [],
      referenceTaskIds: [],
    },
  }
}
