import { CountersignError, type JsonValue, defineTool } from '@countersign/core'
import { z } from 'zod'
import { httpAddress } from '../config/fields.ts'
import { defineFunction } from './function-definition.ts'

/** The longest answer that is read, bytes: it goes to a model. */
const MAX_ANSWER_BYTES = 256 * 1024

/** `who_am_i`: asks an API, with the person's own credential, whom that credential speaks for. */
export const whoAmI = defineFunction({
  type: 'who_am_i',
  config: z
    .strictObject({
      auth_provider: z.string().min(1).describe('The entry of "authentication" whose sign-in is needed.'),
      api_url: httpAddress.default('http://127.0.0.1:5001/api/me').describe('What is asked, with the credential of the person.'),
      timeout: z.number().positive().max(120).default(10).describe('How long the answer may take, seconds.'),
      description: z
        .string()
        .min(1)
        .default('Tells who the person is logged in as: name, e-mail address and account.')
        .describe('What the model is told of it.'),
      scopes: z.array(z.string().min(1)).default([]).describe('What must have been granted, beyond the scopes of the provider.'),
    })
    .describe("Asks an API, with the person's own credential, whom that credential speaks for."),
  references: [{ key: 'auth_provider', to: 'authentication' }],
  create: ({ auth_provider, api_url, timeout, description, scopes }, name) =>
    defineTool({
      name,
      description,
      input: z.strictObject({}),
      auth: { provider: auth_provider, scopes, origins: [new URL(api_url).origin] },
      idempotent: true,
      examples: ['Who am I logged in as?', 'Who am I?', 'What is my account?'],
      async execute(_input, { fetch, signal }) {
        const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeout * 1000)])
        const response = await fetch(api_url, { signal: deadline, headers: { accept: 'application/json' } })
        if (!response.ok) throw new CountersignError('upstream_failed', `${new URL(api_url).host} answered with HTTP ${response.status}`)
        return readJson(response, new URL(api_url).host)
      },
    }),
})

async function readJson(response: Response, host: string): Promise<JsonValue> {
  const chunks: Uint8Array[] = []
  let size = 0
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader()
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    size += read.value.length
    if (size > MAX_ANSWER_BYTES) {
      await reader?.cancel()
      throw new CountersignError('upstream_failed', `${host} answered with more than ${MAX_ANSWER_BYTES} bytes`)
    }
    chunks.push(read.value)
  }
  try {
    // JSON by the parser's word.
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as JsonValue
  } catch {
    throw new CountersignError('upstream_failed', `${host} did not answer with JSON`)
  }
}
