import type { CallbackManagerForLLMRun } from '@langchain/core/callbacks/manager'
import { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { AIMessageChunk, type BaseMessage } from '@langchain/core/messages'
import { ChatGenerationChunk, type ChatResult } from '@langchain/core/outputs'
import { SAYINGS, TOKENS, TRANSFER } from '../script.ts'

/** LangChain's side of the same script: all of LangChain's own work, and a provider that takes no time. */
export class InstantChatModel extends BaseChatModel {
  constructor() {
    super({})
  }

  _llmType(): string {
    return 'instant'
  }

  override bindTools(): this {
    return this
  }

  override async *_streamResponseChunks(
    messages: BaseMessage[],
    _options: this['ParsedCallOptions'],
    manager?: CallbackManagerForLLMRun,
  ): AsyncGenerator<ChatGenerationChunk> {
    if (messages.at(-1)?.text === SAYINGS.pay) {
      const call = { index: 0, id: 'call', name: 'transfer', args: JSON.stringify(TRANSFER), type: 'tool_call_chunk' } as const
      yield new ChatGenerationChunk({ text: '', message: new AIMessageChunk({ content: '', tool_call_chunks: [call] }) })
      return
    }
    for (const text of TOKENS) {
      yield new ChatGenerationChunk({ text, message: new AIMessageChunk({ content: text }) })
      await manager?.handleLLMNewToken(text)
    }
  }

  _generate(): Promise<ChatResult> {
    return Promise.reject(new Error('this model only streams'))
  }
}
