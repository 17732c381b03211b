import type { JsonObject, JsonValue } from './json.ts'

/** The kinds of question a human can be asked; the names are NAT's `input_type` values. The last two are ours. */
export type InteractionKind =
  | 'text'
  | 'notification'
  | 'binary_choice'
  | 'radio'
  | 'checkbox'
  | 'dropdown'
  | 'oauth_consent'
  /** Somebody is asked on their own device (CIBA): what is shown here is only that it is waited for. */
  | 'backchannel'
  /** A code is to be typed at an address, on whatever device (RFC 8628). */
  | 'device_code'

/** One thing a person may choose. */
export interface Option {
  readonly id: string
  readonly label: string
  readonly value: string
  readonly description?: string
}

/** What the person is shown of an authorization by redirect. Never holds a code, a state or a token. */
export interface ConsentDetails {
  /** The configured name of the provider, as the workflow file names it. */
  readonly provider: string
  /** The host the popup will lead to, shown before it opens. */
  readonly host: string
  /** Absolute address on our own origin that leads there: `<public_url>/auth/start/<interaction id>`. */
  readonly startUrl: string
  readonly scopes: readonly string[]
  /** The tool that needs the sign-in. */
  readonly tool: string
}

/** What is shown while somebody's approval on another device is waited for. */
export interface BackchannelDetails {
  /** The configured name of the provider. */
  readonly provider: string
  /** The host of the authorization server that rings the device. */
  readonly host: string
  readonly scopes: readonly string[]
  /** The tool that needs the approval. */
  readonly tool: string
  /** The same words are on the device: who compares them knows that it is this request (CIBA Core §7.1). */
  readonly bindingMessage?: string
}

/** What is shown while a device code waits for its person (RFC 8628 §3.3). */
export interface DeviceCodeDetails {
  /** The configured name of the provider. */
  readonly provider: string
  /** The host of the authorization server. */
  readonly host: string
  readonly scopes: readonly string[]
  /** The tool that needs the sign-in. */
  readonly tool: string
  readonly userCode: string
  /** Where the code is typed. */
  readonly verificationUri: string
  /** The same with the code in it, where the server offers one: for a link or a picture. */
  readonly verificationUriComplete?: string
}

/** How the wait for somebody on another device goes. */
export interface WaitProgress {
  /** `slowed_down`: the server wants to be asked less often; `unreachable`: it did not answer, and is asked again. */
  readonly phase: 'waiting' | 'slowed_down' | 'unreachable'
  /** When the server is asked next, epoch milliseconds. */
  readonly nextPollAt: number
  /** When the request ends by itself, epoch milliseconds. */
  readonly expiresAt: number
}

/** What a tool call asks approval for, so that the card can name the action. */
export interface ApprovalDetails {
  readonly tool: string
  /** The arguments with secrets redacted. */
  readonly arguments: JsonObject
  readonly risk?: 'low' | 'medium' | 'high'
}

interface QuestionBase {
  readonly text: string
  /** Seconds until the question ends by itself; absent: the server's default. */
  readonly timeoutSeconds?: number
  /** Shown instead of the question when it has expired. */
  readonly expiredText?: string
}

interface Entry extends QuestionBase {
  readonly placeholder?: string
  /** Whether an empty answer is none. Default: true. */
  readonly required?: boolean
}

interface Alternative<O> extends QuestionBase {
  readonly options: readonly [O, O]
}

interface Choice<O> extends QuestionBase {
  readonly options: readonly O[]
}

/** What a question of each kind is made of. */
export interface QuestionByKind {
  readonly text: Entry
  readonly notification: QuestionBase
  readonly binary_choice: Alternative<Option> & { readonly approval?: ApprovalDetails }
  readonly radio: Choice<Option>
  readonly checkbox: Choice<Option>
  readonly dropdown: Choice<Option>
  readonly oauth_consent: QuestionBase & { readonly consent: ConsentDetails }
  readonly backchannel: QuestionBase & { readonly backchannel: BackchannelDetails }
  readonly device_code: QuestionBase & { readonly device: DeviceCodeDetails }
}

/** A question to a human, discriminated by kind. */
export type Question = { readonly [K in InteractionKind]: QuestionByKind[K] & { readonly kind: K } }[InteractionKind]

/** One thing a person may choose, as a tool offers it. No two of a question share a word: a person could not tell them apart. */
export interface Offer {
  readonly label: string
  /** What the tool gets when this is chosen. */
  readonly value: string
  readonly description?: string
  /** Default: the value. */
  readonly id?: string
}

/** What a tool may ask, per kind. A sign-in is not among them: the gate asks for it, where a tool's `auth` needs one. */
export interface AskingByKind {
  readonly text: Entry
  readonly notification: QuestionBase
  readonly binary_choice: Alternative<Offer>
  readonly radio: Choice<Offer>
  readonly checkbox: Choice<Offer>
  readonly dropdown: Choice<Offer>
}

/** A question as a tool asks it. */
export type Asking<K extends keyof AskingByKind> = AskingByKind[K] & { readonly kind: K }

/** What an answer carries, per kind: text, the chosen option's value, or several values. Notifications and authorizations carry nothing. */
export interface AnswerByKind {
  readonly text: string
  readonly notification: null
  readonly binary_choice: string
  readonly radio: string
  readonly dropdown: string
  readonly checkbox: readonly string[]
  readonly oauth_consent: null
  readonly backchannel: null
  readonly device_code: null
}

/** How a person responds: with an answer, by declining, by cancelling (dismissed without a decision), or by having the device asked once more. */
export type InteractionResponse =
  | { readonly action: 'accept'; readonly answer: JsonValue }
  | { readonly action: 'decline'; readonly reason?: string }
  | { readonly action: 'cancel' }
  /** Only of what waits on another device: ends this request and sends a new one. */
  | { readonly action: 'resend' }

/** `pending → answered | declined | cancelled | expired | failed`; every end is final. */
export type InteractionState = 'pending' | 'answered' | 'declined' | 'cancelled' | 'expired' | 'failed'

/** A question as clients see it. */
export interface InteractionView {
  readonly id: string
  readonly runId: string
  readonly callId: string | null
  readonly question: Question
  readonly state: InteractionState
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** Epoch milliseconds. */
  readonly expiresAt: number
  /** A plain sentence about what went wrong so far, while it can still be tried again. */
  readonly problem?: string
  /** Why it is asked again, when it is. */
  readonly again?: string
}
