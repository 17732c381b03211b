import type { Message, Part } from '@a2a-js/sdk'
import { ContentTypeNotSupportedError, RequestMalformedError } from '@a2a-js/sdk/errors'
import type { InteractionResponse, JsonValue, Question } from '@countersign/core'
import { z } from 'zod'
import { natAnswer } from '../nat-answer.ts'

/** The longest text of one message, UTF-16 units: as long as a person's in the chat may be. */
const MAX_TEXT = 100_000
const MAX_PARTS = 500

/** A client's message as it can be taken. */
export interface ToldMessage {
  readonly messageId: string
  readonly taskId: string | undefined
  readonly contextId: string | undefined
  readonly texts: readonly string[]
  /** How it answers a question, where it says so in a data part. */
  readonly answer: z.output<typeof answerPart> | undefined
}

/** Databases and logs keep ids as they are: what neither can write is not one. */
const id = z
  .string()
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u)

const text = z.string().max(MAX_TEXT)

/** An answer that names its question, says no to it, or has the device asked again. */
const answerPart = z.strictObject({
  interactionId: id.optional(),
  action: z.enum(['accept', 'decline', 'cancel', 'resend']).default('accept'),
  answer: z.union([text, z.array(text).max(MAX_PARTS), z.null()]).optional(),
  reason: z.string().max(1_000).optional(),
})

/**
 * Reads a message as it came.
 * @throws RequestMalformedError; ContentTypeNotSupportedError for files: nothing here takes them
 */
export function readMessage(message: Message | undefined): ToldMessage {
  if (!message) throw new RequestMalformedError('The request has no message.')
  const ids = z.object({ messageId: id.min(1), taskId: id, contextId: id }).safeParse(message)
  if (!ids.success)
    throw new RequestMalformedError('messageId is missing, or an id is longer than 200 characters or has characters that no id has.')
  if (message.parts.length > MAX_PARTS) throw new RequestMalformedError(`A message has at most ${MAX_PARTS} parts.`)
  const texts = message.parts.flatMap(({ content }) => (content?.$case === 'text' ? [clean(content.value)] : []))
  if (texts.join('\n').length > MAX_TEXT) throw new RequestMalformedError(`The text of a message has at most ${MAX_TEXT} characters.`)
  const { messageId, taskId, contextId } = ids.data
  const answer = message.parts.map(readAnswer).find((read) => read !== undefined)
  return { messageId, taskId: taskId || undefined, contextId: contextId || undefined, texts, answer }
}

/** What the message says to a question. */
export function responseOf({ texts, answer }: ToldMessage, question: Question): InteractionResponse {
  const { action, reason } = answer ?? { action: 'accept' as const }
  if (action === 'decline') return { action, ...(reason !== undefined && { reason: clean(reason) }) }
  if (action !== 'accept') return { action }
  return { action, answer: answer?.answer === undefined ? natAnswer(question, texts) : cleaned(answer.answer) }
}

function readAnswer({ content }: Part): ToldMessage['answer'] {
  if (content?.$case === 'raw' || content?.$case === 'url')
    throw new ContentTypeNotSupportedError('This agent takes text, and data that answers a question; no files.')
  if (content?.$case !== 'data') return undefined
  const parsed = answerPart.safeParse(content.value)
  if (parsed.success) return parsed.data
  throw new RequestMalformedError('A data part answers a question: { interactionId?, action?, answer?, reason? }.')
}

function cleaned(answer: string | readonly string[] | null): JsonValue {
  if (answer === null) return null
  return typeof answer === 'string' ? clean(answer) : answer.map(clean)
}

/** Databases keep text as UTF-8: what cannot be written so is replaced, and NUL, which some cut at, is dropped. */
function clean(value: string): string {
  return value.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\uFFFD')
}
