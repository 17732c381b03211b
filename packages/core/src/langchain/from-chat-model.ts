import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import type { AIMessageChunk } from '@langchain/core/messages'
import { CountersignError, isCountersignError } from '../errors.ts'
import type { JsonObject } from '../protocol/json.ts'
import type { Model, ModelEvent, ModelRequest, ToolDescription } from '../run/model.ts'
import { contentText } from './content-text.ts'
import { JoinedCalls } from './joined-calls.ts'
import { toLangChainMessages } from './messages.ts'
import { modelFailure } from './model-failure.ts'

/**
 * A LangChain chat model as our `Model`. Text is passed on as it arrives, calls when the reply is whole.
 * An abort rejects with the signal's reason and closes the provider's request.
 * @throws CountersignError `model_failed` when the provider fails or a call's arguments are no JSON object; never the provider's own words
 */
export function fromChatModel(chatModel: BaseChatModel, options: { readonly name?: string } = {}): Model {
  const name = options.name ?? chatModel.getName()
  return {
    name,
    async *stream(request) {
      try {
        yield* reply(name, chatModel, request)
      } catch (cause) {
        request.signal.throwIfAborted()
        throw isCountersignError(cause) ? cause : modelFailure(name, cause)
      }
    },
  }
}

async function* reply(name: string, chatModel: BaseChatModel, request: ModelRequest): AsyncGenerator<ModelEvent> {
  const messages = toLangChainMessages(request.messages, request.systemPrompt)
  const calls = new JoinedCalls(name)
  const left = new AbortController()
  const signal = AbortSignal.any([request.signal, left.signal])
  for await (const chunk of await withTools(name, chatModel, request.tools).stream(messages, { signal })) {
    request.signal.throwIfAborted()
    const text = contentText(chunk.content)
    if (text !== '') yield* delivered({ type: 'text', text }, left)
    addCalls(calls, chunk)
  }
  request.signal.throwIfAborted()
  yield* calls.finish()
}

/** A reader who leaves here ends the provider's request; LangChain's stream would wait for its next chunk first. */
function* delivered(event: ModelEvent, left: AbortController): Generator<ModelEvent> {
  let taken = false
  try {
    yield event
    taken = true
  } finally {
    if (!taken) left.abort()
  }
}

function withTools(name: string, chatModel: BaseChatModel, tools: readonly ToolDescription[]): Pick<BaseChatModel, 'stream'> {
  if (tools.length === 0) return chatModel
  if (chatModel.bindTools === undefined) throw new CountersignError('model_failed', `model "${name}" cannot call tools`)
  return chatModel.bindTools(tools.map(toFunction))
}

/** OpenAI's form of a tool, which every LangChain provider understands. */
function toFunction(tool: ToolDescription): { type: 'function'; function: { name: string; description: string; parameters: JsonObject } } {
  return { type: 'function', function: { name: tool.name, description: tool.description, parameters: tool.inputSchema } }
}

/** Models that do not stream give their calls whole, without pieces. */
function addCalls(calls: JoinedCalls, chunk: AIMessageChunk): void {
  const pieces = chunk.tool_call_chunks ?? []
  for (const piece of pieces) calls.add(piece)
  if (pieces.length > 0) return
  for (const call of chunk.tool_calls ?? []) calls.add({ id: call.id, name: call.name, args: JSON.stringify(call.args) })
  for (const call of chunk.invalid_tool_calls ?? []) calls.add({ id: call.id, name: call.name, args: call.args ?? '' })
}
