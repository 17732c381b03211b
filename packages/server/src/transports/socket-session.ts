import { type InteractionResponse, errorFacts, isCountersignError, mayAnswer } from '@countersign/core'
import type { FrameErrorCode } from '@countersign/core/protocol'
import type { ParsedInteractionMessage, ParsedUserMessage } from '@countersign/core/protocol/schema'
import type { RouteDeps } from '../routes/route-deps.ts'
import { FollowedConversations, type Reader } from './followed-conversations.ts'
import { natAnswer } from './nat-answer.ts'
import { type Stamp, completeFrame, errorFrame, stepFrame } from './nat-frame.ts'
import { noteStep } from './nat-question-step.ts'
import { hasOpenedTooMany } from './new-conversations.ts'
import { hasTooManyOpen } from './open-questions.ts'
import { parseClientFrame } from './parse-client-frame.ts'
import { refusedAuth } from './refused-auth.ts'

/** What a socket was opened with. */
export interface SocketOpening extends Reader {
  readonly conversationId: string | undefined
  readonly lastSeq: number
}

/** What is wrong with a frame, and which one it is. */
interface Refusal {
  readonly code: FrameErrorCode
  readonly details: string
  readonly parentId?: string | undefined
  readonly conversationId?: string
}

const TOO_MANY_QUESTIONS = 'You have too many questions open in other conversations. Answer or cancel one of them first.'
const TOO_MANY_CONVERSATIONS = 'You have begun as many conversations today as you may. Go on in one of them.'
const FAILED = 'The server could not do this now; try again.'

/** One open socket: frames come in and become runs, answers and cancels; what they come to goes out by the conversations that it follows. */
export class SocketSession {
  readonly #deps: RouteDeps
  readonly #opening: SocketOpening
  readonly #followed: FollowedConversations
  /** Frames are taken one after another, as they came. */
  #frames: Promise<unknown> = Promise.resolve()

  constructor(deps: RouteDeps, opening: SocketOpening) {
    this.#deps = deps
    this.#opening = opening
    this.#followed = new FollowedConversations(deps, opening)
    const { conversationId, lastSeq } = opening
    if (conversationId !== undefined) this.#take(() => this.#follow(conversationId, lastSeq))
  }

  /** A frame came. */
  receive(data: unknown): void {
    this.#take(() => this.#receive(data))
  }

  /** A frame came that is not to be taken. */
  refuse(details: string): void {
    this.#refuse({ code: 'invalid_message', details })
  }

  close(): void {
    this.#followed.close()
  }

  #take(work: () => Promise<void>): void {
    this.#frames = this.#frames.then(work).catch((error: unknown) => {
      this.#log(error)
      this.#refuse({ code: 'unknown_error', details: FAILED })
    })
  }

  async #receive(data: unknown): Promise<void> {
    const parsed = parseClientFrame(data, this.#deps.limits.max_frame_bytes)
    if ('code' in parsed && parsed.code === 'user_auth_error')
      return this.#opening.outbox.send(refusedAuth(parsed.problem, this.#deps.runtime.now()))
    if ('code' in parsed) return this.#refuse({ code: parsed.code, details: parsed.problem, parentId: parsed.parentId })
    const { frame } = parsed
    switch (frame.type) {
      case 'user_message':
        return this.#start(frame)
      case 'user_interaction_message':
        return this.#answer(frame)
      case 'cancel_message': {
        const { conversation_id: conversationId } = frame
        const wasRunning = await this.#deps.runs.cancel(conversationId, this.#opening.visitor)
        if (!wasRunning) this.#refuse({ code: 'invalid_message', details: 'There is nothing to stop.', conversationId })
        return
      }
      case 'resume_message':
        return this.#follow(frame.conversation_id, frame.last_seq)
      case 'auth_message':
        // How NAT's UI would like to open sign-ins: it opens ours as it opens NAT's.
        return
    }
  }

  /** A client that cannot be told what it missed is let go: it comes back and asks again. */
  async #follow(conversationId: string, lastSeq: number | undefined): Promise<void> {
    try {
      await this.#followed.follow(conversationId, lastSeq)
    } catch (error) {
      this.#log(error)
      this.#opening.outbox.drop('the log cannot be read now')
    }
  }

  async #start(frame: ParsedUserMessage): Promise<void> {
    const { runs, runtime, built, signIn } = this.#deps
    const conversationId = this.#conversationOf(frame)
    const text = userTexts(frame.content).join('\n')
    if (text.trim() === '') return this.#refuseMessage(frame, 'invalid_user_message_content', 'The message has no text.')
    if (signIn?.isOwedBy(this.#opening.visitor)) return this.#refuseMessage(frame, 'user_auth_error', 'Sign in to this server first.')
    try {
      if (await hasTooManyOpen(this.#deps, this.#opening.visitor, conversationId))
        return this.#refuseMessage(frame, 'invalid_message', TOO_MANY_QUESTIONS)
      const isKnown = (this.#followed.seq(conversationId) ?? 0) > 0
      if (!isKnown && (await hasOpenedTooMany(this.#deps, this.#opening.visitor, conversationId)))
        return this.#refuseMessage(frame, 'invalid_message', TOO_MANY_CONVERSATIONS)
      if (!this.#followed.has(conversationId)) await this.#followed.follow(conversationId, undefined)
      const encoder = this.#followed.encoder(conversationId)
      if (encoder) encoder.mode = frame.schema_type.endsWith('_stream') ? 'stream' : 'whole'
      const messageId = frame.id === 'default' ? runtime.id() : frame.id
      await runs.start({ workflow: built.workflow.name, conversationId, messageId, text, visitor: this.#opening.visitor })
    } catch (error) {
      if (isCountersignError(error, 'not_found')) return this.#refuseMessage(frame, 'invalid_message', 'There is no such conversation.')
      this.#log(error)
      this.#refuseMessage(frame, 'unknown_error', FAILED)
    }
  }

  async #answer(frame: ParsedInteractionMessage): Promise<void> {
    const about = { parentId: frame.id, conversationId: this.#conversationOf(frame) }
    const asked = await this.#questionOf(frame)
    if ('details' in asked) return this.#refuse({ ...about, code: 'invalid_message', details: asked.details })
    const encoder = this.#followed.encoder(about.conversationId)
    const response = await this.#responseOf(frame, asked.id)
    encoder?.line.expect(asked.id)
    const answer = await this.#deps.runs.answer(asked.id, response, this.#opening.visitor)
    if (answer.outcome === 'settled') return
    encoder?.line.expect(undefined)
    if (answer.outcome === 'earlier')
      return this.#refuse({ ...about, code: 'invalid_message', details: `The question is over (${answer.state}); nothing was changed.` })
    if (answer.outcome === 'not_found') return this.#refuse({ ...about, code: 'invalid_message', details: 'There is no such question.' })
    this.#refuse({ ...about, code: 'invalid_user_message_content', details: `${answer.problem}; the question stays open.` })
    // NAT's UI takes a question off its screen as soon as it is answered, also when the answer was none.
    if (this.#opening.isNatUi) for (const again of encoder?.questions(asked.id) ?? []) this.#opening.outbox.send(again)
  }

  /** By the id that the client names; for NAT's clients that name none, the one they were shown; else the only open one. */
  async #questionOf(frame: ParsedInteractionMessage): Promise<{ readonly id: string } | { readonly details: string }> {
    const thread = frame.thread_id === 'default' ? undefined : frame.thread_id
    const named = frame.interaction_id ?? thread
    if (named !== undefined) return thread !== undefined && thread !== named ? { details: 'Two questions are named.' } : { id: named }
    const conversationId = this.#conversationOf(frame)
    const encoder = this.#followed.encoder(conversationId)
    const shown = encoder?.line.answered(this.#deps.runtime.now()) ?? (await this.#onlyQuestion(conversationId))
    if (shown === 'nothing') return { details: 'No question is open.' }
    if (shown === 'several') return { details: 'Several questions are open; name one.' }
    return shown === 'mistakable' ? { details: 'The question was over before your answer came; another one is open now.' } : shown
  }

  async #onlyQuestion(conversationId: string): Promise<'nothing' | 'several' | { readonly id: string }> {
    const rows = await this.#deps.store.transact('open-questions', (transaction) =>
      transaction.find('interactions', { conversationId, state: 'pending' }),
    )
    const [first, second] = rows.filter((row) => mayAnswer(row, this.#opening.visitor))
    return second ? 'several' : (first ?? 'nothing')
  }

  /** Our clients say what they answer; what a NAT client's text means depends on what it was asked. */
  async #responseOf({ action, answer, reason, content }: ParsedInteractionMessage, id: string): Promise<InteractionResponse> {
    if (action === 'decline') return { action, ...(reason !== undefined && { reason }) }
    if (action === 'cancel' || action === 'resend') return { action }
    if (answer !== undefined) return { action, answer }
    const row = await this.#deps.store.transact('question', (transaction) => transaction.get('interactions', { id }))
    return { action, answer: row ? natAnswer(row.question, userTexts(content)) : null }
  }

  /** Refuses a person's message. A NAT client waits for its end, and its UI shows no error that stands alone. */
  #refuseMessage(frame: ParsedUserMessage, code: FrameErrorCode, details: string): void {
    const { isOurs, outbox } = this.#opening
    const about = { parentId: frame.id, conversationId: this.#conversationOf(frame) }
    const stamp = this.#stamp(about)
    if (!isOurs) outbox.send(stepFrame(stamp, noteStep(frame.id, 'Not accepted', details)))
    this.#refuse({ ...about, code, details })
    if (!isOurs) outbox.send(completeFrame(stamp, this.#deps.runtime.id()))
  }

  #refuse({ code, details, ...about }: Refusal): void {
    this.#opening.outbox.send(errorFrame(this.#stamp(about), this.#deps.runtime.id(), { code, message: 'InvalidMessage', details }))
  }

  #stamp({ parentId = 'default', conversationId }: Pick<Refusal, 'parentId' | 'conversationId'>): Stamp {
    const about = conversationId ?? this.#opening.conversationId ?? 'default'
    return { parentId, conversationId: about, at: this.#deps.runtime.now(), seq: this.#followed.seq(about) }
  }

  #log(error: unknown): void {
    this.#deps.runtime.log.error('frame failed', errorFacts(error))
  }

  /** A client that names no conversation has the socket's, else one of its own per session. */
  #conversationOf(frame: { readonly conversation_id?: string | null | undefined }): string {
    const { conversationId, visitor } = this.#opening
    return frame.conversation_id ?? conversationId ?? `default-${visitor.sessionId ?? visitor.principal.id}`.slice(0, 100)
  }
}

/** The text parts of the person's last message. */
function userTexts(content: ParsedInteractionMessage['content']): readonly string[] {
  const message = content?.messages.findLast(({ role }) => role === 'user')
  return message?.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])) ?? []
}
