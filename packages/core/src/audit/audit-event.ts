import type { InteractionKind, InteractionState } from '../protocol/interaction.ts'
import type { JsonValue } from '../protocol/json.ts'
import type { CallStatus, RunEnd } from '../protocol/run-event.ts'

/** SHA-256 of something that is not told, as base64url. */
type Digest = string

/** Ids of keys by what they are for, the one in force; never a key. */
type KeyIds = Readonly<Record<string, string>>

/** What each type of record holds besides its type. Members are ids, codes and digests; what people and models say stays outside. */
interface AuditRecords {
  // a run
  request: { readonly run: string; readonly principal: string; readonly workflow: string; readonly text: Digest }
  reply: { readonly run: string; readonly turn: number; readonly text: Digest; readonly calls: readonly string[] }
  cancel: { readonly run: string; readonly why: 'requested' | 'newer_message'; readonly by: string }
  'run-end': { readonly run: string; readonly state: RunEnd }
  adoption: { readonly from: string; readonly to: string }
  // a call
  'policy-decision': {
    readonly run: string
    readonly call: string
    readonly tool: string
    readonly effect: 'permit' | 'deny' | 'ask'
    /** Of principal, tool and arguments. */
    readonly input: Digest
    /** The arguments without secrets, shortened. */
    readonly view: JsonValue
  }
  'tool-call': { readonly run: string; readonly call: string; readonly tool: string; readonly entry: number }
  'tool-result': {
    readonly run: string
    readonly call: string
    readonly tool: string
    readonly status: CallStatus
    readonly output: Digest
    /** Why there is no result of the tool's own. */
    readonly error?: string
  }
  // a question
  question: {
    readonly run: string
    readonly interaction: string
    readonly call: string
    readonly kind: InteractionKind
    readonly place: string
    readonly question: Digest
    readonly to: string
  }
  answer: {
    readonly run: string
    readonly interaction: string
    readonly state: Exclude<InteractionState, 'pending'>
    readonly by: string
    /** The session it came from; none where nobody answered. */
    readonly session?: string
    readonly question: Digest
    /** What was chosen of what was offered; of a person's own words the digest. */
    readonly answer?: JsonValue
  }
  // an authorization
  'authorization-request': { readonly run: string; readonly call: string; readonly authorization: string; readonly provider: string }
  'authorization-open': { readonly authorization: string; readonly session?: string }
  'authorization-exchange': { readonly authorization: string; readonly session?: string }
  'authorization-end': {
    readonly run: string
    readonly authorization: string
    readonly state: 'granted' | 'denied' | 'expired' | 'failed' | 'cancelled'
    readonly code: string | null
    readonly by: string
  }
  'callback-refused': { readonly authorization?: string; readonly principal?: string; readonly why: 'other_browser' | 'foreign_callback' }
  // a connection
  grant: { readonly principal: string; readonly provider: string; readonly scopes: readonly string[]; readonly authorization: string }
  refresh: { readonly principal: string; readonly provider: string; readonly outcome: string }
  disconnect: { readonly principal: string; readonly provider: string }
  revocation: { readonly principal: string; readonly provider: string; readonly isRevoked: boolean }
  // a session
  'sign-in': { readonly principal: string; readonly session: string; readonly from: string; readonly browser: string }
  'sign-in-failed': { readonly principal: string; readonly session: string; readonly provider: string; readonly code: string }
  'sign-out': { readonly principal: string; readonly session: string; readonly why: 'asked' | 'replaced' | 'unused' }
  // the server
  'server-start': { readonly instance: string; readonly keys: KeyIds }
  'key-rotation': { readonly instance: string; readonly keys: KeyIds }
  'server-stop': { readonly instance: string }
}

/** What a record can be of. */
export type AuditType = keyof AuditRecords

/** What an audit record says: what happened, to which rows; digests instead of arguments and words, never a secret. */
export type AuditEvent = AuditRecord<AuditType>

/** The record of one type, or of several. */
export type AuditRecord<T extends AuditType> = { readonly [K in T]: { readonly type: K } & AuditRecords[K] }[T]

/** Every type of record with what it records, in the order of the docs. */
export const auditTypes: Readonly<Record<AuditType, string>> = {
  request: 'a person asks',
  'policy-decision': 'the policy decides on a call',
  question: 'a person is asked',
  answer: 'a question ends: answered, declined, cancelled, expired or failed',
  'tool-call': 'a tool is entered',
  'tool-result': 'a call ends, with a result or a refusal',
  reply: 'the model has replied',
  cancel: 'a run is to stop',
  'run-end': 'a run ends',
  'authorization-request': 'a provider is about to be asked for a credential',
  'authorization-open': 'a browser leaves for a sign-in',
  'authorization-exchange': 'its return is taken, and a credential asked for',
  'authorization-end': 'an authorization ends',
  'callback-refused': 'a browser returns that is not the one, or from somewhere else',
  grant: 'a credential is put into the vault',
  refresh: 'a credential is renewed, or lost',
  disconnect: 'a credential leaves the vault',
  revocation: 'its provider was told',
  'sign-in': 'a person signs in to the server',
  'sign-in-failed': 'a sign-in to the server failed',
  'sign-out': 'a session ends',
  adoption: 'what a browser had becomes that of its user',
  'server-start': 'an instance of the server starts',
  'key-rotation': 'an instance uses newer keys',
  'server-stop': 'an instance stops',
}
