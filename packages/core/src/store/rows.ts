import type { InteractionResponse, InteractionState, Question } from '../protocol/interaction.ts'
import type { JsonObject, JsonValue } from '../protocol/json.ts'
import type { Message } from '../protocol/message.ts'
import type { Presence, Principal } from '../protocol/principal.ts'
import type { CallStatus, RunEvent } from '../protocol/run-event.ts'

/** An ordered exchange; `seq` and the audit head stand here because this row is locked by whoever appends. */
export interface ConversationRow {
  readonly id: string
  readonly principalId: string
  /** The session that opened it, while its principal is anonymous. */
  readonly sessionId: string | null
  readonly seq: number
  readonly messageCount: number
  readonly auditNumber: number
  readonly auditHead: string
  readonly createdAt: number
  /** 1 while its chain has records that no checkpoint covers. */
  readonly auditOpen: number
  /** Up to which record a checkpoint covers its chain. */
  readonly auditSigned: number
  /** How many events its log has now. */
  readonly eventCount: number
  /** From which event on its log is kept: what was before tells of turns that are no longer shown. */
  readonly keptFrom: number
  /** How far its log was looked through for what later events say again. */
  readonly thinnedTo: number
}

export interface MessageRow {
  readonly conversationId: string
  /** 1, 2, 3 … in the conversation. */
  readonly position: number
  readonly runId: string
  readonly message: Message
}

/** `queued`: a newer message whose predecessor is still being stopped. */
export type RunState = 'queued' | 'ready' | 'waiting' | 'done' | 'failed' | 'cancelled'

/** One execution of a workflow for one message. */
export interface RunRow {
  readonly id: string
  readonly conversationId: string
  /** The client's id of the message, unique in the conversation: the same message sent twice starts one run. */
  readonly messageId: string
  readonly text: string
  /** The conversation's id from ready to the end, else null; unique, so a conversation has at most one run at work. */
  readonly active: string | null
  readonly workflow: string
  readonly principal: Principal
  readonly sessionId: string | null
  readonly state: RunState
  /** The process that holds the run, or null. */
  readonly owner: string | null
  /** Raised by every claim: a holder that lost its lease writes nothing more. */
  readonly fence: number
  /** Until when the holder may be alone with it; epoch ms of the database's clock, 0 for nobody. */
  readonly lease: number
  /** Raised by everything that ends a wait: what a holder read under an older value may be stale. */
  readonly wake: number
  /** Why it is to stop, or null. */
  readonly cancel: 'requested' | 'newer_message' | null
  /** How often the model has replied. */
  readonly turn: number
  /** Digests of the tools' schemas as the run began. */
  readonly toolDigests: Readonly<Record<string, string>>
  readonly createdAt: number
  readonly endedAt: number | null
  /** What front there is for its person. */
  readonly presence: Presence
}

/** `open → executing → done`, and `executing → suspended → executing`. */
export type CallState = 'open' | 'executing' | 'suspended' | 'done'

/** A tool call of a reply. */
export interface CallRow {
  readonly id: string
  readonly runId: string
  readonly turn: number
  readonly ordinal: number
  readonly tool: string
  readonly input: JsonObject
  readonly state: CallState
  readonly status: CallStatus | null
  readonly output: JsonValue
  /** How often its tool was entered. */
  readonly entries: number
}

/** A kept result of `step`: a tool that is entered again reads it instead of working again. */
export interface StepRow {
  readonly callId: string
  readonly name: string
  readonly value: JsonValue
}

/** A question to a human and its outcome. */
export interface InteractionRow {
  readonly id: string
  readonly conversationId: string
  readonly runId: string
  readonly callId: string
  /** Where the call asks: `approval`, `rerun:<entry>`, `ask:<ordinal>`, `auth:<authorization id>`. Unique in the call. */
  readonly place: string
  /** Digest of the question: the same place may not ask something else. */
  readonly digest: string
  readonly question: Question
  /** Whose question it is. */
  readonly principalId: string
  /** An anonymous principal's question belongs to the session that was asked. */
  readonly sessionId: string | null
  readonly state: InteractionState
  readonly response: InteractionResponse | null
  readonly problem: string | null
  readonly again: string | null
  readonly createdAt: number
  readonly expiresAt: number
  readonly settledAt: number | null
  readonly settledBy: string | null
  /** Signed where a person's answer arrived: without it, what stands in `response` permits nothing. */
  readonly receipt: string | null
}

/** `needed` is a decision, never a row: the row begins with `requested`, before the first call leaves. `exchanging`: a one-time secret is in flight. */
export type AuthorizationState = 'requested' | 'waiting' | 'exchanging' | 'granted' | 'denied' | 'expired' | 'failed' | 'cancelled'

/** One attempt to get a credential. */
export interface AuthorizationRow {
  readonly id: string
  readonly conversationId: string
  readonly runId: string
  readonly callId: string
  readonly interactionId: string | null
  readonly principalId: string
  readonly provider: string
  /** Under which key the vault will keep the credential. */
  readonly vaultKey: string
  readonly requirement: JsonObject
  readonly state: AuthorizationState
  /** The provider's own state, sealed: it holds verifiers and request ids. */
  readonly sealedState: string | null
  /** Digest of the OAuth `state`; taken (null) by the first callback. */
  readonly stateDigest: string | null
  /** Digest of the flow cookie of the browser that opened it. */
  readonly flowDigest: string | null
  /** Who makes the exchange, until when it must have ended; epoch ms. */
  readonly owner: string | null
  readonly exchangeUntil: number
  /** Why the person is asked again, when it is not the first time. */
  readonly again: string | null
  /** Why it ended without a credential. */
  readonly failureCode: string | null
  readonly failureReason: string | null
  readonly createdAt: number
  readonly expiresAt: number
  /** When the server is asked again, epoch ms; null for what is not polled. */
  readonly pollAt: number | null
  /** Digest of what a ping must bring. */
  readonly pingDigest: string | null
  /** Digest of whose device rings, or null where none does: however many ask, one person is not to be asked too often. */
  readonly personDigest: string | null
  /** Digest of what is asked, for what and of whom: while one such is open, another shares its end. */
  readonly sameDigest: string | null
  /** The authorization whose end this one shares. */
  readonly leaderId: string | null
}

/** A credential in the vault, sealed. */
export interface CredentialRow {
  readonly key: string
  readonly principalId: string
  readonly provider: string
  readonly scopes: readonly string[]
  readonly sealed: string
  /** Epoch ms; null when the provider named no end. */
  readonly expiresAt: number | null
  readonly refreshable: number
  /** Raised by every change: a refresh that was overtaken writes nothing. */
  readonly version: number
  /** Until when a refresh is in flight; epoch ms, 0 for none. */
  readonly refreshUntil: number
  readonly updatedAt: number
  /** When the person consented; a refresh does not change it. */
  readonly connectedAt: number
}

/** The record that a person approved exactly this call. Taken once. */
export interface ReceiptRow {
  readonly id: string
  readonly callId: string
  /** Digest of principal, tool and arguments. */
  readonly digest: string
  readonly approvedBy: string
  readonly approvedAt: number
  readonly usedAt: number | null
}

/** One event of a conversation's log. */
export interface EventRow {
  readonly conversationId: string
  readonly seq: number
  readonly at: number
  readonly event: RunEvent
}

/** One link of an audit chain. */
export interface AuditRow {
  readonly stream: string
  readonly number: number
  readonly at: number
  readonly previous: string
  readonly hash: string
  readonly record: JsonObject
}

/** Number and head of the audit chains that belong to no conversation. */
export interface StreamRow {
  readonly id: string
  readonly number: number
  readonly head: string
}

/** The end of such a chain that no checkpoint covers. */
export interface TailRow {
  /** The id of the stream. */
  readonly id: string
  /** Up to which record a checkpoint covers the stream. */
  readonly signed: number
}

/** A chain that had moved when a checkpoint was made: its records after `from` up to `number`, whose hash is `head`. */
export type CheckpointHead = readonly [stream: string, from: number, number: number, head: string]

/** A signed statement of where the audit chains stood, chained to the one before. */
export interface CheckpointRow {
  readonly number: number
  readonly at: number
  /** The hash of the checkpoint before. */
  readonly previous: string
  /** Merkle root of `heads`. */
  readonly root: string
  readonly heads: readonly CheckpointHead[]
  /** The id of the key that signed it. */
  readonly key: string
  readonly signature: string
  readonly hash: string
}

/** A browser's connection to the server. The id is a digest: the cookie's value is nowhere in the database. */
export interface SessionRow {
  readonly id: string
  readonly principal: Principal
  readonly createdAt: number
  readonly expiresAt: number
  /** The id of `principal`, to find the sessions of one. */
  readonly principalId: string
  /** What the browser said of itself, in short words. */
  readonly browser: string
  /** Digest of the OAuth `state` of the sign-in to this server that it is at, if any; taken (null) by the first callback. */
  readonly signInDigest: string | null
  /** What must be known when it is back, sealed: verifier, nonce, deadline, and where it wanted to go. */
  readonly sealedSignIn: string | null
}

/** All tables and their rows. */
export interface Rows {
  readonly conversations: ConversationRow
  readonly messages: MessageRow
  readonly runs: RunRow
  readonly calls: CallRow
  readonly steps: StepRow
  readonly interactions: InteractionRow
  readonly authorizations: AuthorizationRow
  readonly credentials: CredentialRow
  readonly receipts: ReceiptRow
  readonly events: EventRow
  readonly audits: AuditRow
  readonly streams: StreamRow
  readonly tails: TailRow
  readonly checkpoints: CheckpointRow
  readonly sessions: SessionRow
}

export type TableName = keyof Rows
