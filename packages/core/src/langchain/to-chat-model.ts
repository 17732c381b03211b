import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager'
import { BaseChatModel } from '@langchain/core/language_models/chat_models'
import type { BindToolsInput } from '@langchain/core/language_models/chat_models'
import { AIMessageChunk } from '@langchain/core/messages'
import type { BaseMessage } from '@langchain/core/messages'
import { ChatGenerationChunk } from '@langchain/core/outputs'
import type { ChatResult } from '@langchain/core/outputs'
import { convertToOpenAITool } from '@langchain/core/utils/function_calling'
import type { JsonObject } from '../protocol/json.ts'
import type { Model, ModelEvent, ToolDescription } from '../run/model.ts'
import { systemRuntime } from '../runtime/system-runtime.ts'
import { fromLangChainMessages } from './messages.ts'

/**
 * Our `Model` as a LangChain chat model, so that it can drive `createAgent`.
 * @param options.id makes the ids of calls; default: the time, then 128 random bits
 */
export function toChatModel(model: Model, options: { readonly id?: () => string } = {}): BaseChatModel {
  const runtime = systemRuntime()
  return new ModelAsChatModel({ model, id: options.id ?? (() => runtime.id()), tools: [] })
}

interface Fields {
  readonly model: Model
  readonly id: () => string
  readonly tools: readonly ToolDescription[]
}

/** LangChain knows chat models by inheritance only. */
class ModelAsChatModel extends BaseChatModel {
  readonly #fields: Fields

  constructor(fields: Fields) {
    super({})
    this.#fields = fields
  }

  override getName(): string {
    return this.#fields.model.name
  }

  override _llmType(): string {
    return 'countersign'
  }

  override bindTools(tools: BindToolsInput[]): ModelAsChatModel {
    return new ModelAsChatModel({ ...this.#fields, tools: tools.map(describe) })
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    const { model, id, tools } = this.#fields
    const signal = options.signal ?? new AbortController().signal
    let index = 0
    for await (const event of model.stream({ ...fromLangChainMessages(messages), tools, signal })) {
      const message = event.type === 'text' ? new AIMessageChunk(event.text) : callChunk(event, id(), index++)
      const text = event.type === 'text' ? event.text : ''
      yield new ChatGenerationChunk({ message, text })
      if (text !== '') await runManager?.handleLLMNewToken(text)
    }
  }

  override async _generate(
    messages: BaseMessage[],
    options: this['ParsedCallOptions'],
    runManager?: CallbackManagerForLLMRun,
  ): Promise<ChatResult> {
    let whole = new ChatGenerationChunk({ message: new AIMessageChunk(''), text: '' })
    for await (const chunk of this._streamResponseChunks(messages, options, runManager)) whole = whole.concat(chunk)
    return { generations: [whole] }
  }
}

function callChunk(event: Extract<ModelEvent, { type: 'call' }>, id: string, index: number): AIMessageChunk {
  const piece = { id, index, name: event.tool, args: JSON.stringify(event.input), type: 'tool_call_chunk' as const }
  return new AIMessageChunk({ content: '', tool_call_chunks: [piece] })
}

function describe(tool: BindToolsInput): ToolDescription {
  const { name, description, parameters } = convertToOpenAITool(tool).function
  const examples = examplesOf(tool)
  // The schema of a tool definition is JSON by its own definition.
  const inputSchema = (parameters ?? { type: 'object' }) as JsonObject
  return { name, description: description ?? '', inputSchema, ...(examples.length > 0 && { examples }) }
}

/** Examples travel in a tool's metadata, which no provider is sent. */
function examplesOf(tool: BindToolsInput): readonly string[] {
  const metadata: unknown = 'metadata' in tool ? tool.metadata : undefined
  const examples: unknown = typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'examples') : undefined
  return Array.isArray(examples) ? examples.filter((example) => typeof example === 'string') : []
}
