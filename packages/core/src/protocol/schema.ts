import { z } from 'zod'

/** Longest text of one message, UTF-16 units. */
const MAX_TEXT = 100_000
const MAX_PARTS = 500
/** Longest reason for a no: one is a sentence, and a model is told it. */
const MAX_REASON = 1_000

/** Databases and logs keep ids as they are: what neither can write is not one. */
const id = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'has a character that no id has')
/** Databases keep text as UTF-8: what cannot be written so is replaced, and NUL, which some cut at, is dropped. */
const text = z
  .string()
  .max(MAX_TEXT)
  .transform((value) => value.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\uFFFD'))

const part = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text }),
  z.strictObject({ type: z.literal('image_url'), image_url: z.strictObject({ url: z.string() }) }),
  z.strictObject({ type: z.literal('input_audio'), input_audio: z.strictObject({ data: z.string(), format: z.string() }) }),
])

const content = z.strictObject({
  messages: z
    .array(z.strictObject({ role: z.enum(['user', 'assistant', 'system', 'tool']), content: z.array(part).max(MAX_PARTS) }))
    .max(MAX_PARTS),
})

/** NAT's `user_message`; extra keys are allowed and dropped. */
export const userMessage = z.object({
  type: z.literal('user_message'),
  schema_type: z.enum(['generate', 'generate_stream', 'chat', 'chat_stream']),
  id: id.default('default'),
  conversation_id: id.nullish(),
  content,
})

/** NAT's `user_interaction_message` and our extras. */
export const userInteractionMessage = z.object({
  type: z.literal('user_interaction_message'),
  id: id.default('default'),
  conversation_id: id.nullish(),
  thread_id: id.default('default'),
  parent_id: id.default('default'),
  interaction_id: id.optional(),
  action: z.enum(['accept', 'decline', 'cancel', 'resend']).default('accept'),
  reason: text.pipe(z.string().max(MAX_REASON)).optional(),
  answer: z.union([text, z.array(text).max(MAX_PARTS), z.null()]).optional(),
  content: content.optional(),
})

export const cancelMessage = z.object({ type: z.literal('cancel_message'), conversation_id: id })

export const resumeMessage = z.object({ type: z.literal('resume_message'), conversation_id: id, last_seq: z.int().min(0) })

/** NAT's `auth_message`, as far as it is no credential: nobody could verify one that comes in a message. */
export const authMessage = z.object({
  type: z.literal('auth_message'),
  payload: z.object({ method: z.literal('oauth_mode_preference') }),
})

/** Every frame a client may send, by its type. */
export const clientFrames = {
  user_message: userMessage,
  user_interaction_message: userInteractionMessage,
  cancel_message: cancelMessage,
  resume_message: resumeMessage,
  auth_message: authMessage,
} as const

export type ParsedUserMessage = z.output<typeof userMessage>
export type ParsedInteractionMessage = z.output<typeof userInteractionMessage>
export type ParsedClientFrame =
  | ParsedUserMessage
  | ParsedInteractionMessage
  | z.output<typeof cancelMessage>
  | z.output<typeof resumeMessage>
  | z.output<typeof authMessage>
