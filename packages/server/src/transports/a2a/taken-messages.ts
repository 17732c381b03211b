import type { Message } from '@a2a-js/sdk'
import { RequestMalformedError, TaskNotFoundError, UnsupportedOperationError } from '@a2a-js/sdk/errors'
import { digestText, type InteractionResponse, type InteractionView, isCountersignError, type Visitor } from '@countersign/core'
import { RateWindow } from '../../rate-window.ts'
import type { RouteDeps } from '../../routes/route-deps.ts'
import { hasOpenedTooMany } from '../new-conversations.ts'
import { hasTooManyOpen } from '../open-questions.ts'
import { findTask, readTask } from './read-task.ts'
import { isAuthority, isOver, type TaskStory } from './task-story.ts'
import { readMessage, responseOf, type ToldMessage } from './told-message.ts'

const WINDOW_MS = 10_000
/** How many answers are remembered by the id of their message: a client that repeats one does so within seconds. */
const MAX_REMEMBERED = 10_000

type Deps = Pick<RouteDeps, 'store' | 'runs' | 'runtime' | 'built' | 'limits'>

/** Takes the messages of clients: a new one begins a task, one for a task answers what the task asks. */
export class TakenMessages {
  readonly #deps: Deps
  readonly #rate: RateWindow
  readonly #answers = new Set<string>()

  constructor(deps: Deps) {
    this.#deps = deps
    this.#rate = new RateWindow(deps.runtime, { limit: deps.limits.max_messages_per_10_seconds, windowMs: WINDOW_MS })
  }

  /** Takes a message, once: the same id again is the same message. @returns the id of its task */
  async take(message: Message | undefined, visitor: Visitor): Promise<string> {
    const told = readMessage(message)
    if (this.#rate.spend(visitor.principal.id) !== 'within')
      throw new UnsupportedOperationError('These are more messages than one client may send in ten seconds.')
    return told.taskId === undefined ? this.#begin(told, visitor) : this.#answer(told, told.taskId, visitor)
  }

  async #begin(told: ToldMessage, visitor: Visitor): Promise<string> {
    const { runs, built } = this.#deps
    const text = told.texts.join('\n')
    if (text.trim() === '') throw new RequestMalformedError('The message has no text.')
    // A message that is sent again before its answer came names no context: it has to come to the same one.
    const conversationId = told.contextId ?? this.#contextFor(told, visitor)
    if (await hasTooManyOpen(this.#deps, visitor, conversationId))
      throw new UnsupportedOperationError('Too many of your tasks wait for somebody; wait for one of them, or cancel one.')
    if (await hasOpenedTooMany(this.#deps, visitor, conversationId))
      throw new UnsupportedOperationError('You have begun as many contexts today as you may; go on in one of them.')
    const { messageId } = told
    try {
      const started = await runs.start({ workflow: built.workflow.name, conversationId, messageId, text, visitor, presence: 'nobody' })
      return started.runId
    } catch (error) {
      if (isCountersignError(error, 'not_found')) throw new RequestMalformedError('There is no such context.')
      throw error
    }
  }

  async #answer(told: ToldMessage, taskId: string, visitor: Visitor): Promise<string> {
    const found = await findTask(this.#deps.store, taskId, visitor)
    if (!found) throw new TaskNotFoundError('There is no such task.')
    const story = await readTask(this.#deps.store, found)
    if (told.contextId !== undefined && told.contextId !== story.run.conversationId)
      throw new RequestMalformedError('The task is of another context.')
    const key = JSON.stringify([taskId, told.messageId])
    if (this.#answers.has(key)) return taskId
    if (isOver(story)) throw new UnsupportedOperationError('The task has ended, and takes no more messages; begin another one.')
    const asked = questionFor(told, story)
    const response = responseOf(told, asked.question)
    if (told.answer?.interactionId === undefined && isApproval(asked, response)) throw new RequestMalformedError(UNNAMED)
    const answer = await this.#deps.runs.answer(asked.id, response, visitor)
    if (answer.outcome === 'invalid') throw new RequestMalformedError(`${sentence(answer.problem)} The question stays open.`)
    if (answer.outcome !== 'settled') throw new UnsupportedOperationError('The question is over; nothing was changed.')
    this.#remember(key)
    return taskId
  }

  #contextFor({ messageId }: ToldMessage, { principal }: Visitor): string {
    return digestText(this.#deps.runtime, JSON.stringify(['a2a', principal.id, messageId]))
  }

  #remember(key: string): void {
    const [oldest] = this.#answers
    if (this.#answers.size >= MAX_REMEMBERED && oldest !== undefined) this.#answers.delete(oldest)
    this.#answers.add(key)
  }
}

const UNNAMED = 'An approval is given by naming its question: a data part with its interactionId. It stays open.'

/** A yes to exactly this call: words that were meant for one question, or sent twice, must not be it for another that is open by then. */
function isApproval({ question }: InteractionView, response: InteractionResponse): boolean {
  if (question.kind !== 'binary_choice' || !question.approval || response.action !== 'accept') return false
  return response.answer !== question.options[1].value
}

/** The question that a message names; of one that names none, the only one that is open. */
function questionFor({ answer }: ToldMessage, { open }: TaskStory): InteractionView {
  const named = answer?.interactionId
  if (named !== undefined) {
    const asked = open.find(({ id }) => id === named)
    if (!asked) throw new UnsupportedOperationError('The question that it names is not open.')
    return asked
  }
  // What waits for authority is ended elsewhere; only who says so plainly withdraws it, or has it sent again.
  const isPlain = answer === undefined || answer.action === 'accept'
  const answerable = isPlain ? open.filter((asked) => !isAuthority(asked)) : open
  const [first, second] = answerable
  if (second) throw new RequestMalformedError('Several questions are open: name one by its interactionId in a data part.')
  if (first) return first
  throw new UnsupportedOperationError(
    open.length > 0 ? 'The task waits for somebody elsewhere, not for a message.' : 'The task works, and waits for no message.',
  )
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`
}
