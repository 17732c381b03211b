import { CountersignError, type Model, Secret } from '@countersign/core'
import { z } from 'zod'
import type { ComponentDefinition } from '../config/component.ts'
import { httpAddress } from '../config/fields.ts'
import { keywordRouter } from '../models/keyword-router.ts'
import { lazyModel } from '../models/lazy-model.ts'
import { openaiModel } from '../models/openai.ts'

/** A sort of model: what its entry in a workflow file looks like, and the model it makes. */
export interface LlmDefinition<Config extends z.ZodType = z.ZodType> extends ComponentDefinition<Config> {
  /** @param name the entry's name */
  create(config: z.output<Config>, name: string): Model
}

/** Lets a definition's `create` know the type of its own configuration. */
export function defineLlm<Config extends z.ZodType>(definition: LlmDefinition<Config>): LlmDefinition {
  return definition
}

const plan = z.strictObject({
  description: z.string().min(1).describe('What the calls come to, in the words of a question.'),
  examples: z.array(z.string().min(1)).optional().describe('Questions that this answers.'),
  calls: z
    .array(
      z.strictObject({
        tool: z.string().min(1).describe('The function to call.'),
        arguments: z
          .record(z.string(), z.string().regex(/^\//, 'must be a JSON pointer (RFC 6901)'))
          .optional()
          .describe('Parameter → where its value is in the list of results so far, as a JSON pointer: /0/employee_id'),
        otherwise: z.string().min(1).optional().describe('What to say instead of this call when no result holds its arguments.'),
      }),
    )
    .min(1)
    .max(20)
    .describe('One after another; what no result brings is read from the question.'),
  answer: z.string().min(1).describe('What to say when all calls have succeeded.'),
})

const keywordRouterLlm = defineLlm({
  type: 'keyword_router',
  config: z
    .strictObject({
      answers: z
        .record(z.string(), z.string().min(1))
        .default({})
        .describe('What to say with the result of a function, by its name: "You are logged in as {name}."'),
      plans: z.record(z.string(), plan).default({}).describe('Questions that take several calls, by a name of their own.'),
    })
    .describe('Chooses a function by the words of the question. No model, no key: for demos and tests.'),
  references: [
    { key: 'answers', to: 'functions', by: 'key' },
    { key: 'plans.*.calls.*.tool', to: 'functions' },
  ],
  create: ({ answers, plans }, name) =>
    keywordRouter({ name, answers, plans: Object.entries(plans).map(([planName, rest]) => ({ name: planName, ...rest })) }),
})

const openaiConfig = z
  .strictObject({
    model_name: z.string().min(1).describe('The model, as its host calls it.'),
    api_key: z.string().min(1).optional().describe('The key of the API, from a variable. A model on this computer needs none.'),
    base_url: httpAddress.optional().describe('Where the API is, when it is not that of the maker: http://localhost:11434/v1'),
    temperature: z.number().min(0).max(2).optional().describe('How freely the model chooses its words, 0 to 2.'),
    top_p: z.number().min(0).max(1).optional().describe('From which share of likely words it chooses, 0 to 1.'),
    max_tokens: z.int().positive().optional().describe('The longest reply, in tokens.'),
    seed: z.int().optional().describe('The same seed makes replies alike, where the host supports it.'),
    max_retries: z.int().min(0).max(10).default(2).describe('How often a failed request is sent again.'),
    request_timeout: z.number().positive().default(60).describe('How long a request may take, seconds.'),
  })
  .describe('A model behind an API as OpenAI has it.')

/** The models that come with the server. */
export const llms: readonly LlmDefinition[] = [
  keywordRouterLlm,
  openaiCompatible('openai', undefined),
  // NVIDIA's hosted models speak the same protocol.
  openaiCompatible('nim', 'https://integrate.api.nvidia.com/v1'),
]

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

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}
