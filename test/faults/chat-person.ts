import type { InteractionView, LoggedEvent } from '@countersign/core'
import type { ServerFrame } from '@countersign/core/protocol'
import { onTestFinished } from 'vitest'
import { PlainBrowser } from '../e2e/plain-browser.ts'
import { userAnswer, userMessage } from '../soak/frames.ts'
import { Tab } from '../soak/tab.ts'

/** Somebody in a conversation, with a browser and a tab that comes back by itself. */
export interface ChatPerson {
  readonly browser: PlainBrowser
  readonly tab: Tab
  say(messageId: string, text: string): void
  answer(question: InteractionView, value: string): void
  /** The first frame that is so, from now on. */
  next(isIt: (frame: ServerFrame) => boolean): Promise<ServerFrame>
  /** Resolves once the log holds it, now or later. */
  seen<T>(look: (log: readonly LoggedEvent[]) => T | undefined): Promise<T>
}

/** Opens the chat, as somebody whom nobody knows or in a browser that was here before. The tab closes with the test. */
export async function openPerson(origin: string, conversationId: string, known?: PlainBrowser): Promise<ChatPerson> {
  const browser = known ?? new PlainBrowser()
  if (!known) await browser.visit(`${origin}/api/me`)
  const watchers = new Set<(frame: ServerFrame | { readonly type: 'connected' }) => void>()
  const tab = new Tab({
    origin,
    cookie: browser.cookiesOf(origin),
    conversationId,
    onFrame: (frame) => {
      for (const watch of watchers) watch(frame)
    },
  })
  onTestFinished(() => tab.close())
  const frame = (isIt: (frame: ServerFrame) => boolean): Promise<ServerFrame> =>
    new Promise((resolve) => {
      const watch = (each: ServerFrame | { readonly type: 'connected' }): void => {
        if (each.type === 'connected' || !isIt(each)) return
        watchers.delete(watch)
        resolve(each)
      }
      watchers.add(watch)
    })
  await frame(({ type }) => type === 'caught_up_message')
  return {
    browser,
    tab,
    say: (messageId, text) => tab.send(userMessage(conversationId, messageId, text)),
    answer: (question, value) => tab.send(userAnswer(conversationId, question.id, { id: `answer to ${question.id}`, answer: value })),
    next: frame,
    seen: (look) =>
      new Promise((resolve) => {
        const watch = (): void => {
          const found = look(tab.seen)
          if (found === undefined) return
          watchers.delete(watch)
          resolve(found)
        }
        watchers.add(watch)
        watch()
      }),
  }
}

/** The question that is open in a log. */
export function openQuestion(log: readonly LoggedEvent[]): InteractionView | undefined {
  const closed = new Set(log.flatMap(({ event }) => (event.type === 'interaction-close' ? [event.interactionId] : [])))
  const opened = log.flatMap(({ event }) => (event.type === 'interaction-open' ? [event.interaction] : []))
  return opened.find(({ id, state }) => state === 'pending' && !closed.has(id))
}

/** The question that is open once an earlier one is over. */
export function nextQuestion(log: readonly LoggedEvent[], earlier: InteractionView): InteractionView | undefined {
  const open = openQuestion(log)
  return open?.id === earlier.id ? undefined : open
}

/** How the run of a message ended, as its log says. */
export function endOf(messageId: string): (log: readonly LoggedEvent[]) => string | undefined {
  return (log) => {
    const events = log.map(({ event }) => event)
    const start = events.find((event) => event.type === 'run-start' && event.messageId === messageId)
    const runId = start?.type === 'run-start' ? start.runId : undefined
    const end = events.find((event) => event.type === 'run-end' && event.runId === runId)
    return end?.type === 'run-end' ? end.state : undefined
  }
}
