import type { ListTasksRequest, ListTasksResponse } from '@a2a-js/sdk'
import { TaskState } from '@a2a-js/sdk'
import { RequestMalformedError } from '@a2a-js/sdk/errors'
import { ownsConversation, type Rows, type Store, type Visitor } from '@countersign/core'
import { a2aTask, stateOf } from './a2a-task.ts'
import { findTask, readTask } from './read-task.ts'
import type { TaskStory } from './task-story.ts'

/** How many of the newest tasks are listed: older ones are found by their ids. Each is read from its log. */
const MAX_LISTED = 50
const DEFAULT_PAGE = 50
const MAX_PAGE = 100

/** The caller's newest tasks, the one that changed last first (A2A §3.1.4). @throws RequestMalformedError */
export async function listTasks(store: Store, visitor: Visitor, request: ListTasksRequest): Promise<ListTasksResponse> {
  const pageSize = request.pageSize ?? DEFAULT_PAGE
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > MAX_PAGE) throw new RequestMalformedError('pageSize is from 1 to 100.')
  const after = request.statusTimestampAfter === undefined ? -Infinity : Date.parse(request.statusTimestampAfter)
  if (Number.isNaN(after)) throw new RequestMalformedError('statusTimestampAfter is no time.')
  const stories = await readNewest(store, visitor, request.contextId)
  const wanted = stories
    .filter((story) => story.standing.at > after)
    .filter((story) => request.status === TaskState.TASK_STATE_UNSPECIFIED || stateOf(story) === request.status)
    .toSorted((one, other) => (cursorOf(one) < cursorOf(other) ? 1 : -1))
  const rest = request.pageToken === '' ? wanted : wanted.filter((story) => cursorOf(story) < request.pageToken)
  const page = rest.slice(0, pageSize)
  const last = page.at(-1)
  const { historyLength, includeArtifacts: withArtifacts = false } = request
  return {
    tasks: page.map((story) => a2aTask(story, { historyLength, withArtifacts })),
    nextPageToken: last && rest.length > page.length ? cursorOf(last) : '',
    pageSize,
    totalSize: wanted.length,
  }
}

/** In the order in which tasks changed; the id tells apart what changed at the same time. */
function cursorOf({ standing, run }: TaskStory): string {
  return `${String(standing.at).padStart(15, '0')}-${run.id}`
}

async function readNewest(store: Store, visitor: Visitor, contextId: string): Promise<readonly TaskStory[]> {
  const stories: TaskStory[] = []
  for (const { id } of await newestRuns(store, visitor, contextId)) {
    const found = await findTask(store, id, visitor)
    if (found) stories.push(await readTask(store, found))
  }
  return stories
}

function newestRuns(store: Store, visitor: Visitor, contextId: string): Promise<readonly Rows['runs'][]> {
  const whose = { principalId: visitor.principal.id, ...(contextId !== '' && { id: contextId }) }
  return store.transact('list-tasks', async (transaction) => {
    const newest = { orderBy: 'createdAt', descending: true, limit: MAX_LISTED } as const
    const contexts = (await transaction.find('conversations', whose, newest)).filter((each) => ownsConversation(each, visitor))
    if (contexts.length === 0) return []
    return transaction.find('runs', { conversationId: { oneOf: contexts.map(({ id }) => id) } }, newest)
  })
}
