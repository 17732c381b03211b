import type { FrameErrorCode } from '@countersign/core/protocol'
import { type ParsedClientFrame, clientFrames } from '@countersign/core/protocol/schema'
import secureJson from 'secure-json-parse'
import type { z } from 'zod'

/** Deeper JSON parses, but overflows the stack of whoever walks it later. */
const MAX_DEPTH = 64
/** What is said of a frame is no longer than this: it may repeat what the frame offered. */
const MAX_PROBLEM = 200

/** A frame, or what is wrong with it, in the words of NAT's error codes. */
export type ParsedFrame =
  | { readonly frame: ParsedClientFrame }
  | { readonly code: FrameErrorCode; readonly problem: string; readonly parentId?: string }

/** Reads one frame of a client. Never throws, and never repeats what it refuses. */
export function parseClientFrame(data: unknown, maxBytes: number): ParsedFrame {
  if (typeof data !== 'string') return { code: 'invalid_message', problem: 'a frame must be text' }
  if (Buffer.byteLength(data) > maxBytes) return { code: 'invalid_message', problem: `a frame may have ${maxBytes} bytes` }
  if (isDeep(data)) return { code: 'invalid_message', problem: `a frame may be nested ${MAX_DEPTH} deep` }
  const value = parseJson(data)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { code: 'invalid_message', problem: 'a frame must be a JSON object' }
  const type = 'type' in value ? value.type : undefined
  if (typeof type !== 'string' || !Object.hasOwn(clientFrames, type))
    return { code: 'invalid_message_type', problem: 'a frame must have a known type', ...parent(value) }
  // Checked to be one of its keys.
  const parsed = clientFrames[type as keyof typeof clientFrames].safeParse(value)
  if (parsed.success) return { frame: parsed.data }
  return { ...refusal(type, parsed.error.issues[0]), ...parent(value) }
}

function refusal(type: string, issue: z.core.$ZodIssue | undefined): { readonly code: FrameErrorCode; readonly problem: string } {
  if (type === 'auth_message') return { code: 'user_auth_error', problem: 'a message cannot say who sends it' }
  const path = issue?.path.map(String) ?? []
  const code = path[0] === 'content' ? 'invalid_user_message_content' : 'invalid_message'
  return { code, problem: `${path.join('.') || 'the frame'}: ${sentenceOf(issue)}`.slice(0, MAX_PROBLEM) }
}

/** Zod's own words, but for the one that names what the client wrote. */
function sentenceOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code === 'unrecognized_keys') return 'has a key that it may not have'
  return issue?.message ?? 'is not valid'
}

/** The id of the refused frame, so that its sender knows which one it was. */
function parent(value: object): { parentId?: string } {
  return 'id' in value && typeof value.id === 'string' && /^[^\p{Cc}\p{Cs}]{1,200}$/u.test(value.id) ? { parentId: value.id } : {}
}

function parseJson(text: string): unknown {
  return secureJson.safeParse(text) ?? undefined
}

/** Whether JSON is nested deeper than may be: counts brackets outside of strings, before anything parses. */
export function isDeep(text: string): boolean {
  let depth = 0
  let inString = false
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (inString) {
      if (code === 92) index += 1
      else if (code === 34) inString = false
    } else if (code === 34) inString = true
    else if (code === 91 || code === 123) {
      depth += 1
      if (depth > MAX_DEPTH) return true
    } else if (code === 93 || code === 125) depth -= 1
  }
  return false
}
