import {
  type InteractionResponse,
  type LoggedEvent,
  type Visitor,
  isCountersignError,
  mayAnswer,
  ownsConversation,
  viewOf,
} from '@countersign/core'
import type { ErrorMessage, FrameErrorCode, ServerFrame } from '@countersign/core/protocol'
import type { ParsedInteractionMessage, ParsedUserMessage } from '@countersign/core/protocol/schema'
import type { RouteDeps } from '../routes/route-deps.ts'
import { ConversationFollower } from './conversation-follower.ts'
import { NatEncoder } from './nat-encoder.ts'
import { natPrompt } from './nat-prompt.ts'
import type { Outbox } from './outbox.ts'
import { parseClientFrame } from './parse-client-frame.ts'

/** How many conversations one socket may follow at once. */
const MAX_CONVERSATIONS = 20

/** What a socket was opened with. */
export interface SocketOpening {
  readonly visitor: Visitor
  readonly outbox: Outbox
  /** Whether the client speaks `countersign.v1`; else it gets NAT's frames. */
  readonly isOurs: boolean
  readonly conversationId: string | undefined
  readonly lastSeq: number
}

interface Followed {
  readonly follower: ConversationFollower
  readonly encoder: NatEncoder
}

/** One open socket: frames come in and become runs, answers and cancels; logs are followed and go out as frames. */
export class SocketSession {
  readonly #deps: RouteDeps
  readonly #opening: SocketOpening
  readonly #followed = new Map<string, Followed>()
  /** Frames are taken one after another, as they came. */
  #frames: Promise<unknown> = Promise.resolve()

  constructor(deps: RouteDeps, opening: SocketOpening) {
    this.#deps = deps
    this.#opening = opening
    const { conversationId, lastSeq } = opening
    if (conversationId !== undefined) this.#take(() => this.#follow(conversationId, lastSeq))
  }

  /** A frame came. */
  receive(data: unknown): void {
    this.#take(() => this.#receive(data))
  }

  close(): void {
    for (const { follower } of this.#followed.values()) follower.stop()
    this.#followed.clear()
  }

  #take(work: () => Promise<void>): void {
    this.#frames = this.#frames.then(work).catch((error: unknown) => {
      const code = isCountersignError(error) ? error.code : 'unexpected'
      this.#deps.runtime.log.error('frame failed', { code, error: isCountersignError(error) ? error.message : String(error) })
      this.#refuse('unknown_error', 'The server could not do this now; try again.')
    })
  }

  async #receive(data: unknown): Promise<void> {
    const parsed = parseClientFrame(data)
    if ('code' in parsed) return this.#refuse(parsed.code, parsed.problem, parsed.parentId)
    const { frame } = parsed
    switch (frame.type) {
      case 'user_message':
        return this.#start(frame)
      case 'user_interaction_message':
        return this.#answer(frame)
      case 'cancel_message': {
        const wasRunning = await this.#deps.runs.cancel(frame.conversation_id, this.#opening.visitor)
        if (!wasRunning) this.#refuse('invalid_message', 'There is nothing to stop.')
        return
      }
      case 'resume_message':
        return this.#follow(frame.conversation_id, frame.last_seq)
    }
  }

  async #start(frame: ParsedUserMessage): Promise<void> {
    const { runs, runtime, built } = this.#deps
    const conversationId = frame.conversation_id ?? this.#opening.conversationId ?? this.#anonymousConversation()
    const text = lastUserText(frame.content)
    if (text === undefined || text.trim() === '') {
      this.#refuse('invalid_user_message_content', 'The message has no text.', frame.id)
      if (!this.#opening.isOurs) this.#complete(conversationId, frame.id)
      return
    }
    const messageId = frame.id === 'default' ? runtime.id() : frame.id
    if (!this.#followed.has(conversationId)) await this.#follow(conversationId, undefined)
    const followed = this.#followed.get(conversationId)
    if (followed) followed.encoder.mode = frame.schema_type.endsWith('_stream') ? 'stream' : 'whole'
    try {
      await runs.start({ workflow: built.workflow.name, conversationId, messageId, text, visitor: this.#opening.visitor })
    } catch (error) {
      if (!isCountersignError(error, 'not_found')) throw error
      this.#refuse('invalid_message', 'There is no such conversation.', frame.id)
    }
  }

  async #answer(frame: ParsedInteractionMessage): Promise<void> {
    const { runs } = this.#deps
    const interactionId = await this.#interactionOf(frame)
    if (interactionId === undefined) return
    const outcome = await runs.answer(interactionId, responseOf(frame), this.#opening.visitor)
    if (outcome.outcome === 'earlier')
      this.#refuse('invalid_message', `The question is over (${outcome.state}); nothing was changed.`, frame.id)
    if (outcome.outcome === 'not_found') this.#refuse('invalid_message', 'There is no such question.', frame.id)
    if (outcome.outcome === 'invalid')
      this.#refuse('invalid_user_message_content', `${outcome.problem}; the question stays open.`, frame.id)
  }

  /** By the id that the client names, or, for clients that name none, the only open question of the conversation. */
  async #interactionOf(frame: ParsedInteractionMessage): Promise<string | undefined> {
    const named = frame.interaction_id ?? (frame.thread_id === 'default' ? undefined : frame.thread_id)
    if (named !== undefined) return named
    const conversationId = frame.conversation_id ?? this.#opening.conversationId ?? this.#anonymousConversation()
    const open = await this.#openQuestions(conversationId)
    if (open.length === 1) return open[0]?.id
    this.#refuse('invalid_message', open.length === 0 ? 'No question is open.' : 'Several questions are open; name one.', frame.id)
    return undefined
  }

  async #openQuestions(conversationId: string) {
    const rows = await this.#deps.store.transact('open-questions', (transaction) =>
      transaction.find('interactions', { conversationId, state: 'pending' }),
    )
    return rows.filter((row) => mayAnswer(row, this.#opening.visitor))
  }

  /** @param lastSeq undefined: from now on */
  async #follow(conversationId: string, lastSeq: number | undefined): Promise<void> {
    const { store, runtime } = this.#deps
    const { visitor, isOurs, outbox } = this.#opening
    if (this.#followed.size >= MAX_CONVERSATIONS && !this.#followed.has(conversationId))
      return this.#refuse('invalid_message', 'This socket follows too many conversations.')
    const conversation = await store.transact('conversation', (transaction) => transaction.get('conversations', { id: conversationId }))
    const isTheirs = conversation !== undefined && !ownsConversation(conversation, visitor)
    if (isTheirs) {
      // As if it did not exist: what it holds, and that it exists, is not told.
      if (isOurs) outbox.send({ type: 'caught_up_message', conversation_id: conversationId, seq: 0 } satisfies ServerFrame)
      return
    }
    this.#followed.get(conversationId)?.follower.stop()
    const encoder = new NatEncoder(conversationId, () => runtime.id())
    const seq = isOurs && lastSeq !== undefined ? lastSeq : (conversation?.seq ?? 0)
    const follower = new ConversationFollower(store, { conversationId, seq }, (event) => this.#deliver(conversationId, encoder, event))
    this.#followed.set(conversationId, { follower, encoder })
    if (!isOurs) return this.#resendOpen(conversationId, encoder)
    await follower.read()
    if (lastSeq !== undefined)
      outbox.send({ type: 'caught_up_message', conversation_id: conversationId, seq: follower.seq } satisfies ServerFrame)
  }

  #deliver(conversationId: string, encoder: NatEncoder, event: LoggedEvent): void {
    const { outbox, isOurs } = this.#opening
    if (isOurs) outbox.send({ type: 'event_message', conversation_id: conversationId, ...event } satisfies ServerFrame)
    else for (const frame of encoder.encode(event)) outbox.send(frame)
  }

  /** A NAT client that comes back sees its open questions again, with the time that is left. */
  async #resendOpen(conversationId: string, encoder: NatEncoder): Promise<void> {
    const { store, runtime } = this.#deps
    const run = await store.transact('active-run', (transaction) => transaction.get('runs', { active: conversationId }))
    if (run) encoder.knowRun(run.id, run.messageId)
    for (const row of await this.#openQuestions(conversationId)) {
      const base = {
        conversation_id: conversationId,
        parent_id: run?.messageId ?? 'default',
        timestamp: new Date(runtime.now()).toISOString(),
      }
      this.#opening.outbox.send({
        ...base,
        type: 'system_interaction_message',
        id: row.id,
        thread_id: row.id,
        content: natPrompt(viewOf(row), runtime.now()),
        status: 'in_progress',
      })
    }
  }

  #complete(conversationId: string, parentId: string): void {
    const { runtime } = this.#deps
    const base = {
      id: runtime.id(),
      thread_id: 'default',
      parent_id: parentId,
      conversation_id: conversationId,
      timestamp: new Date(runtime.now()).toISOString(),
    }
    this.#opening.outbox.send({ ...base, type: 'system_response_message', content: { text: null }, status: 'complete' })
  }

  #refuse(code: FrameErrorCode, details: string, parentId = 'default'): void {
    const { runtime } = this.#deps
    const frame: ErrorMessage = {
      type: 'error_message',
      id: runtime.id(),
      thread_id: 'default',
      parent_id: parentId,
      conversation_id: this.#opening.conversationId ?? 'default',
      timestamp: new Date(runtime.now()).toISOString(),
      content: { code, message: 'InvalidMessage', details },
      status: 'in_progress',
    }
    this.#opening.outbox.send(frame)
  }

  /** For clients that name no conversation: one of its own per session. */
  #anonymousConversation(): string {
    return `default-${this.#opening.visitor.sessionId ?? this.#opening.visitor.principal.id}`.slice(0, 100)
  }
}

function lastUserText(content: ParsedUserMessage['content']): string | undefined {
  const message = content.messages.findLast(({ role }) => role === 'user')
  const texts = message?.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])) ?? []
  return texts.length === 0 ? undefined : texts.join('\n')
}

function responseOf({ action, answer, content }: ParsedInteractionMessage): InteractionResponse {
  if (action !== 'accept') return { action }
  return { action, answer: answer ?? (content && lastUserText(content)) ?? null }
}
