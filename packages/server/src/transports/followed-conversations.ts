import { type Rows, type Visitor, mayAnswer, ownsConversation, viewOf } from '@countersign/core'
import type { NatFrame, ServerFrame } from '@countersign/core/protocol'
import type { RouteDeps } from '../routes/route-deps.ts'
import type { Bookmarks } from './bookmarks.ts'
import { ConversationFollower, type LogReader } from './conversation-follower.ts'
import { beforeLastTurn } from './last-turn.ts'
import { logFrames } from './log-frames.ts'
import { NatEncoder } from './nat-encoder.ts'
import { kindsToReplace } from './nat-prompt.ts'
import type { Outbox } from './outbox.ts'

/** How many conversations one socket may follow at once. */
const MAX_CONVERSATIONS = 20

/** Who reads at the other end of a socket. */
export interface Reader {
  readonly visitor: Visitor
  readonly outbox: Outbox
  /** Whether the client speaks `countersign.v1`; else it gets NAT's frames. */
  readonly isOurs: boolean
  /** Where NAT clients left off, for those that come back. */
  readonly bookmarks: Bookmarks
  /** Whether it may be NAT's own UI, which shows one question at a time and not every kind. */
  readonly isNatUi: boolean
  /** What such a client says it can show all the same: kinds of question with commas between. */
  readonly inputTypes: string | undefined
}

interface Followed {
  readonly follower: ConversationFollower
  /** Absent for our own clients: they get the events themselves. */
  readonly encoder?: NatEncoder
}

type Snapshot = {
  readonly conversation: Rows['conversations'] | undefined
  readonly runs: readonly Rows['runs'][]
  readonly questions: readonly Rows['interactions'][]
}

/** The conversations that one socket follows, each told to its client in the client's own frames. */
export class FollowedConversations {
  readonly #deps: RouteDeps
  readonly #reader: Reader
  /** The one used last comes last. */
  readonly #followed = new Map<string, Followed>()

  constructor(deps: RouteDeps, reader: Reader) {
    this.#deps = deps
    this.#reader = reader
  }

  has(conversationId: string): boolean {
    return this.#followed.has(conversationId)
  }

  /** How a NAT client is told of the conversation, if it follows it. */
  encoder(conversationId: string): NatEncoder | undefined {
    return this.#followed.get(conversationId)?.encoder
  }

  /** How far the client has been told of a conversation that it follows. */
  seq(conversationId: string): number | undefined {
    return this.#followed.get(conversationId)?.follower.seq
  }

  /**
   * Follows a conversation on; another one is given up for it when there are too many.
   * @param lastSeq what one of our clients has seen; undefined: everything until now
   */
  async follow(conversationId: string, lastSeq: number | undefined): Promise<void> {
    const snapshot = await this.#read(conversationId)
    const { visitor, isOurs, outbox } = this.#reader
    if (snapshot.conversation && !ownsConversation(snapshot.conversation, visitor)) {
      // As if it did not exist: what it holds, and that it exists, is not told.
      if (isOurs) outbox.send({ type: 'caught_up_message', conversation_id: conversationId, seq: 0 } satisfies ServerFrame)
      return
    }
    this.#giveUp(conversationId)
    const [oldest] = this.#followed.keys()
    if (this.#followed.size >= MAX_CONVERSATIONS && oldest !== undefined) this.#giveUp(oldest)
    if (isOurs) await this.#followAsOurs(conversationId, snapshot, lastSeq)
    else await this.#followAsNat(conversationId, snapshot)
  }

  close(): void {
    for (const conversationId of this.#followed.keys()) this.#giveUp(conversationId)
  }

  async #followAsOurs(conversationId: string, { conversation }: Snapshot, lastSeq: number | undefined): Promise<void> {
    const { outbox } = this.#reader
    // Of a conversation that is not there nothing was seen, whatever a client says: it is told the same of one that is not its own.
    const from = { conversationId, seq: conversation ? (lastSeq ?? conversation.seq) : 0, isNew: !conversation }
    const send = (frame: ServerFrame): void => outbox.send(frame)
    const follower = this.#listen(from, logFrames(conversationId, send))
    this.#followed.set(conversationId, { follower })
    await follower.read()
    if (lastSeq !== undefined) send({ type: 'caught_up_message', conversation_id: conversationId, seq: follower.seq })
  }

  /** It is told what it missed, if we know where it left off and that is still kept; then it is shown the open questions. */
  async #followAsNat(conversationId: string, snapshot: Snapshot): Promise<void> {
    const { bookmarks, visitor } = this.#reader
    const last = bookmarks.take(nameOf(visitor), conversationId)
    const left = last && last.seq + 1 >= (snapshot.conversation?.keptFrom ?? 1) ? last : undefined
    // It may still wait for ends that are no longer in the log.
    if (last && !left) this.#send(last.encoder.endsWithout(snapshot.runs.map(({ id }) => id)))
    const encoder = left?.encoder ?? this.#newEncoder(conversationId, snapshot)
    const seq = left?.seq ?? (await this.#beginning(snapshot))
    const from = { conversationId, seq, isNew: !snapshot.conversation }
    const follower = this.#listen(from, {
      deliver: (event) => this.#send(encoder.encode(event)),
      // What it missed is gone, and it could not be told so: it comes back as one that begins anew.
      skip: () => {
        this.#giveUp(conversationId)
        this.#reader.outbox.drop()
      },
    })
    this.#followed.set(conversationId, { follower, encoder })
    encoder.isCatchingUp = true
    await follower.read()
    encoder.isCatchingUp = false
    this.#send(encoder.questions())
  }

  /** Where a NAT client begins that left off nowhere we know. */
  async #beginning({ conversation }: Snapshot): Promise<number> {
    const { store, runtime } = this.#deps
    if (!conversation) return 0
    return (await beforeLastTurn(store, conversation, runtime.now())) ?? conversation.seq
  }

  #newEncoder(conversationId: string, { conversation, runs, questions }: Snapshot): NatEncoder {
    const { runtime } = this.#deps
    const { visitor, isNatUi, inputTypes } = this.#reader
    const encoder = new NatEncoder(conversationId, conversation?.seq ?? 0, {
      newId: () => runtime.id(),
      now: () => runtime.now(),
      isNatUi,
      replaced: kindsToReplace(isNatUi, inputTypes),
    })
    for (const { id, messageId } of runs) encoder.knowRun(id, messageId)
    for (const row of questions.filter((asked) => mayAnswer(asked, visitor))) encoder.line.open(viewOf(row))
    return encoder
  }

  /** Of a conversation that is not there yet it is not known whose it will be. */
  #listen(from: { conversationId: string; seq: number; isNew: boolean }, told: Pick<LogReader, 'deliver' | 'skip'>): ConversationFollower {
    const { outbox, visitor } = this.#reader
    const mayRead = (conversation: Rows['conversations']): boolean => ownsConversation(conversation, visitor)
    return new ConversationFollower(this.#deps.store, from, { ...told, pace: outbox, ...(from.isNew && { mayRead }) })
  }

  #send(frames: readonly NatFrame[]): void {
    for (const frame of frames) this.#reader.outbox.send(frame)
  }

  #giveUp(conversationId: string): void {
    const followed = this.#followed.get(conversationId)
    if (!followed) return
    const { follower, encoder } = followed
    this.#followed.delete(conversationId)
    follower.stop()
    const { bookmarks, visitor } = this.#reader
    if (encoder) bookmarks.keep(nameOf(visitor), conversationId, { encoder, seq: follower.seq })
  }

  /** In one unit, so that nothing falls between the log and what is open. */
  #read(conversationId: string): Promise<Snapshot> {
    return this.#deps.store.transact('follow', async (transaction) => ({
      conversation: await transaction.get('conversations', { id: conversationId }),
      runs: await transaction.find('runs', { conversationId, state: { oneOf: ['queued', 'ready', 'waiting'] } }),
      questions: await transaction.find('interactions', { conversationId, state: 'pending' }, { orderBy: 'createdAt' }),
    }))
  }
}

function nameOf({ sessionId, principal }: Visitor): string {
  return sessionId ?? principal.id
}
