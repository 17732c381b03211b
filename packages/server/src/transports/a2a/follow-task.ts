import { ConversationFollower } from '../conversation-follower.ts'
import type { RouteDeps } from '../../routes/route-deps.ts'
import { foldTask, isOver, newStory, type TaskStory } from './task-story.ts'
import type { LoggedTask } from './read-task.ts'

/** How many changes may wait for a reader: one that is further behind subscribes again and begins with how the task stands then. */
const MAX_WAITING = 1_000

/** Where a reader begins: with all that has happened to the task, or with how it stands now. */
export type Beginning = 'its start' | 'now'

/**
 * Tells how a task stands, then each change of it, until it is over or the signal aborts. What it tells comes from the log: it needs nothing of the process that
 * works on the task.
 */
export async function* followTask(
  { store }: Pick<RouteDeps, 'store'>,
  { run, before }: LoggedTask,
  { from, signal }: { readonly from: Beginning; readonly signal: AbortSignal },
): AsyncGenerator<TaskStory, void, undefined> {
  const news: TaskStory[] = []
  let latest = newStory(run)
  const gone = new AbortController()
  const over = AbortSignal.any([signal, gone.signal])
  let wake = (): void => undefined
  const deliver = (event: Parameters<typeof foldTask>[1]): void => {
    const next = foldTask(latest, event)
    if (next.standing !== latest.standing) news.push(next)
    latest = next
    wake()
  }
  const follower = new ConversationFollower(
    store,
    { conversationId: run.conversationId, seq: before },
    { deliver, skip: () => gone.abort() },
  )
  over.addEventListener('abort', () => wake(), { once: true })
  try {
    await follower.read()
    if (from === 'now') news.length = 0
    let told = news.shift() ?? latest
    yield told
    while (!over.aborted && !isOver(told) && news.length <= MAX_WAITING) {
      const next = news.shift()
      if (next) {
        told = next
        yield next
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    follower.stop()
  }
}
