import type { JsonObject } from '../protocol/json.ts'
import type { Message } from '../protocol/message.ts'

/** A tool as a model is told of it. */
export interface ToolDescription {
  readonly name: string
  readonly description: string
  /** JSON Schema of the arguments. */
  readonly inputSchema: JsonObject
  /** Questions this tool answers; help for routers, ignored by language models. */
  readonly examples?: readonly string[]
}

/** What a model says, piece by piece: text to show, and calls, each whole. */
export type ModelEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'call'; readonly tool: string; readonly input: JsonObject }

/** What a model is asked. */
export interface ModelRequest {
  /** The newest part of the conversation, oldest first; ends with a user's message or results. */
  readonly messages: readonly Message[]
  readonly tools: readonly ToolDescription[]
  readonly systemPrompt?: string
  readonly signal: AbortSignal
}

/** A language model, or what stands in for one. The reply is over when the iteration ends. */
export interface Model {
  readonly name: string
  stream(request: ModelRequest): AsyncIterable<ModelEvent>
}
