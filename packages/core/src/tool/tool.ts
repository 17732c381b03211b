import type { ZodType } from 'zod'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { AnswerByKind, Asking, AskingByKind } from '../protocol/interaction.ts'
import type { JsonValue } from '../protocol/json.ts'
import type { Principal } from '../protocol/principal.ts'
import type { Fetch } from '../runtime/runtime.ts'

/** What a tool's code may use while it runs. Once the call is suspended, all of it throws. */
export interface ToolContext {
  readonly principal: Principal
  readonly conversationId: string
  readonly runId: string
  readonly callId: string
  /** Aborts when the call is suspended, cancelled, or its process loses the run. */
  readonly signal: AbortSignal
  /** The same for every entry of this call: give it to the API, so that a repeated request is known as one. */
  readonly idempotencyKey: string
  /**
   * `fetch` with the credential of the tool's requirement. Refreshes once on 401; asks the person again when the grant is gone or a
   * scope is missing, unless something other than a GET already went out (then the tool gets the answer as it is).
   */
  readonly fetch: Fetch
  /**
   * Asks the person and returns the answer: text, the value of the chosen option, or the values of several. The call stops here and the tool
   * is entered again from its top once the answer is there, so effects before an `ask` belong into `step`. A notification is shown and stops nothing.
   * @throws CountersignError `access_denied`, `cancelled`, `expired` when there is no answer; `invalid_question` for one that could not be shown
   */
  readonly ask: <K extends keyof AskingByKind>(question: Asking<K>) => Promise<AnswerByKind[K]>
  /** Does `work` at least once, keeps one result under `name`, and returns that in every later entry. */
  readonly step: <T extends JsonValue>(name: string, work: () => Promise<T>) => Promise<T>
  /** Tells the person about progress. */
  readonly progress: (text: string) => void
}

/** A function the model may call. */
export interface Tool<I = unknown> {
  readonly name: string
  readonly description: string
  readonly input: ZodType<I>
  /** What must be granted before the tool's code runs. */
  readonly auth?: AuthRequirement | ((input: I) => AuthRequirement)
  /** How much harm a wrong call does; the policy decides what follows. Default: low. */
  readonly risk?: 'low' | 'medium' | 'high'
  /** Whether a call whose outcome is unknown may be repeated with the same idempotency key. Default: no, the person is asked. */
  readonly idempotent?: boolean
  /** Questions this tool answers. */
  readonly examples?: readonly string[]
  execute(input: I, context: ToolContext): Promise<JsonValue>
}

/** A tool, checked as it is written; then one among others, whose input its own schema reads before its code sees it. */
export function defineTool<I>(tool: Tool<I>): Tool {
  // Every way to `execute` and `auth` goes through `input` first, so the type of the input may be forgotten.
  return tool as unknown as Tool
}
