import { CountersignError } from '@countersign/core'
import type { Model, Secret } from '@countersign/core'

/** Where an OpenAI-compatible model lives and how it is asked. */
export interface OpenAiOptions {
  /** Default: OpenAI's own. NIM, vLLM, Ollama (`…/v1`) and LM Studio speak the same protocol. */
  readonly baseUrl?: string
  readonly apiKey: Secret
  readonly modelName: string
  readonly temperature?: number
  readonly maxTokens?: number
  readonly topP?: number
  readonly seed?: number
  /** Default: 2. */
  readonly maxRetries?: number
  /** Default: one minute. */
  readonly requestTimeoutMs?: number
}

/**
 * A model behind an OpenAI-compatible API. LangChain and its provider package are loaded here, not when the server starts.
 * @throws CountersignError `invalid_config` when the provider package is not installed
 */
export async function openaiModel(options: OpenAiOptions): Promise<Model> {
  const [{ ChatOpenAI }, { fromChatModel }] = await Promise.all([providerPackage(), import('@countersign/core/langchain')])
  const { baseUrl, temperature, maxTokens, topP, seed } = options
  const chatModel = new ChatOpenAI({
    model: options.modelName,
    apiKey: options.apiKey.reveal(),
    maxRetries: options.maxRetries ?? 2,
    timeout: options.requestTimeoutMs ?? 60_000,
    streaming: true,
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(topP !== undefined && { topP }),
    ...(seed !== undefined && { modelKwargs: { seed } }),
    // Only the chat completions API is spoken everywhere.
    useResponsesApi: false,
    ...(baseUrl !== undefined && { configuration: { baseURL: baseUrl } }),
  })
  return fromChatModel(chatModel, { name: options.modelName })
}

async function providerPackage(): Promise<typeof import('@langchain/openai')> {
  try {
    return await import('@langchain/openai')
  } catch (cause) {
    throw missingPackage(cause)
  }
}

/** What to do when the provider package cannot be loaded. */
export function missingPackage(cause: unknown): CountersignError {
  const command = 'npm install @langchain/openai@1.5.8'
  return new CountersignError('invalid_config', `OpenAI-compatible models need a package that is not installed: ${command}`, { cause })
}
