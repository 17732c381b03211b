import { ownsConversation, type Rows, type Store, type Transaction, type Visitor } from '@countersign/core'
import { ending, foldTask, isOver, newStory, type TaskStory } from './task-story.ts'

/** A task of which the log is still kept: its run, and the `seq` of the event before its first. */
export interface LoggedTask {
  readonly run: Rows['runs']
  readonly before: number
}

/** A task that was found: by its log, or, where that is no longer kept, as its rows tell it. */
export type FoundTask = LoggedTask | { readonly story: TaskStory }

/** How many events may have come in one millisecond. */
const MAX_ALIKE = 50
/** How many events one read takes: a read is one turn of the event loop. */
const BATCH = 20

/** A task of the visitor's own; undefined where there is none, and where it is somebody else's. */
export function findTask(store: Pick<Store, 'transact'>, taskId: string, visitor: Visitor): Promise<FoundTask | undefined> {
  return store.transact('find-task', async (transaction) => {
    const run = await transaction.get('runs', { id: taskId })
    const conversation = run && (await transaction.get('conversations', { id: run.conversationId }))
    if (!run || !conversation || !ownsConversation(conversation, visitor)) return undefined
    const first = await firstEvent(transaction, run)
    return first === undefined ? { story: await storyOfRows(transaction, run) } : { run, before: first - 1 }
  })
}

/** How the task stands now. */
export async function readTask(store: Pick<Store, 'transact'>, found: FoundTask): Promise<TaskStory> {
  if ('story' in found) return found.story
  const { conversationId } = found.run
  let story = newStory(found.run)
  let seq = found.before
  while (!isOver(story)) {
    const above = seq
    const rows = await store.transact('read-task', (transaction) =>
      transaction.find('events', { conversationId, seq: { above } }, { orderBy: 'seq', limit: BATCH }),
    )
    story = rows.reduce(foldTask, story)
    seq = rows.at(-1)?.seq ?? seq
    if (rows.length < BATCH) break
  }
  return story
}

/** The `seq` of the event with which a run begins, if it is still kept. */
async function firstEvent(transaction: Transaction, { id, conversationId, createdAt }: Rows['runs']): Promise<number | undefined> {
  const since = { conversationId, at: { above: createdAt - 1 } }
  const rows = await transaction.find('events', since, { orderBy: 'seq', limit: MAX_ALIKE })
  return rows.find(({ event }) => event.type === 'run-start' && event.runId === id)?.seq
}

/** Only ended turns leave the log: what a task came to stands in its rows for good. */
async function storyOfRows(transaction: Transaction, run: Rows['runs']): Promise<TaskStory> {
  const calls = await transaction.find('calls', { runId: run.id }, { orderBy: 'turn' })
  const messages = await transaction.find('messages', { conversationId: run.conversationId, runId: run.id }, { orderBy: 'position' })
  const reply = messages.findLast(({ message }) => message.role === 'assistant')?.message
  const outcomes = calls.map(({ tool, status, output }) => ({ tool, status: status ?? ('failed' as const), output }))
  const state = run.state === 'done' || run.state === 'failed' ? run.state : 'cancelled'
  return {
    ...newStory(run),
    outcomes,
    reply: reply?.role === 'assistant' ? reply.text : '',
    history: [{ id: run.messageId, by: 'client', text: run.text }],
    standing: ending({ run, outcomes }, { at: run.endedAt ?? run.createdAt, state }),
  }
}
