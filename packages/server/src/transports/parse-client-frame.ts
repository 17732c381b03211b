import type { FrameErrorCode } from '@countersign/core/protocol'
import { type ParsedClientFrame, clientFrames } from '@countersign/core/protocol/schema'
import secureJson from 'secure-json-parse'

/** A larger frame is answered with an error; the socket itself closes at `MAX_PAYLOAD_BYTES`. */
export const MAX_FRAME_BYTES = 256 * 1024
/** The socket's own bound: it holds a whole frame in memory before we see it. */
export const MAX_PAYLOAD_BYTES = 1024 * 1024
/** Deeper JSON parses, but overflows the stack of whoever walks it later. */
const MAX_DEPTH = 64

/** A frame, or what is wrong with it, in the words of NAT's error codes. */
export type ParsedFrame =
  | { readonly frame: ParsedClientFrame }
  | { readonly code: FrameErrorCode; readonly problem: string; readonly parentId?: string }

/** Reads one frame of a client. Never throws. */
export function parseClientFrame(data: unknown): ParsedFrame {
  if (typeof data !== 'string') return { code: 'invalid_message', problem: 'a frame must be text' }
  if (Buffer.byteLength(data) > MAX_FRAME_BYTES) return { code: 'invalid_message', problem: `a frame may have ${MAX_FRAME_BYTES} bytes` }
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
  const path = parsed.error.issues[0]?.path.map(String) ?? []
  const code = path[0] === 'content' ? 'invalid_user_message_content' : 'invalid_message'
  return { code, problem: `${path.join('.') || 'the frame'}: ${parsed.error.issues[0]?.message ?? 'is not valid'}`, ...parent(value) }
}

/** The id of the refused frame, so that its sender knows which one it was. */
function parent(value: object): { parentId?: string } {
  return 'id' in value && typeof value.id === 'string' && value.id.length <= 200 ? { parentId: value.id } : {}
}

function parseJson(text: string): unknown {
  return secureJson.safeParse(text) ?? undefined
}

/** Counts brackets outside of strings, before anything parses. */
function isDeep(text: string): boolean {
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
