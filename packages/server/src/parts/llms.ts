import { CountersignError, type Model, Registry, Secret } from '@countersign/core'
import { z } from 'zod'
import type { ComponentDefinition } from '../config/component.ts'
import { keywordRouter } from '../models/keyword-router.ts'
import { lazyModel } from '../models/lazy-model.ts'
import { openaiModel } from '../models/openai.ts'

/** A sort of model: what its entry in a workflow file looks like, and the model it makes. */
export interface LlmDefinition<Config extends z.ZodType = z.ZodType> extends ComponentDefinition {
  readonly config: Config
  create(config: z.output<Config>, name: string): Model
}

const answerTemplate = z.string().min(1)

const keywordRouterLlm: LlmDefinition = defineLlm({
  type: 'keyword_router',
  config: z.strictObject({
    /** Function → what to say with its result: "You are logged in as {name}." */
    answers: z.record(z.string(), answerTemplate).default({}),
  }),
  create: ({ answers }, name) => keywordRouter({ name, answers }),
})

const openaiConfig = z.strictObject({
  api_key: z.string().min(1).optional(),
  base_url: z.url({ protocol: /^https?$/ }).optional(),
  model_name: z.string().min(1),
  seed: z.int().optional(),
  max_retries: z.int().min(0).max(10).default(2),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  max_tokens: z.int().positive().optional(),
  /** Seconds. */
  request_timeout: z.number().positive().default(60),
})

const openaiLlm = openaiCompatible('openai', undefined)
/** NVIDIA's hosted models speak the same protocol. */
const nimLlm = openaiCompatible('nim', 'https://integrate.api.nvidia.com/v1')

/** The models that come with the server, by the `_type` of their entries. */
export const llms = new Registry<LlmDefinition>('model type', { keyword_router: keywordRouterLlm, openai: openaiLlm, nim: nimLlm })

function openaiCompatible(type: string, defaultBaseUrl: string | undefined): LlmDefinition {
  return defineLlm({
    type,
    config: openaiConfig,
    aliases: { model: 'model_name' },
    create: (config, name) =>
      lazyModel(config.model_name, () => {
        const baseUrl = config.base_url ?? defaultBaseUrl
        const apiKey = config.api_key ?? (baseUrl !== undefined && isLoopback(baseUrl) ? 'none' : undefined)
        if (apiKey === undefined) throw new CountersignError('invalid_config', `llms.${name} needs an api_key`)
        return openaiModel({
          apiKey: new Secret(apiKey),
          modelName: config.model_name,
          maxRetries: config.max_retries,
          requestTimeoutMs: config.request_timeout * 1000,
          ...(baseUrl !== undefined && { baseUrl }),
          ...(config.temperature !== undefined && { temperature: config.temperature }),
          ...(config.top_p !== undefined && { topP: config.top_p }),
          ...(config.max_tokens !== undefined && { maxTokens: config.max_tokens }),
          ...(config.seed !== undefined && { seed: config.seed }),
        })
      }),
  })
}

function defineLlm<Config extends z.ZodType>(definition: LlmDefinition<Config>): LlmDefinition {
  return definition
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}
