import { handshake, type RawConnection, rawConnection } from './raw-connection.ts'

/** What a frame is written with; the defaults make a good one. */
export interface FrameBits {
  readonly opcode?: number
  readonly isFinal?: boolean
  readonly isMasked?: boolean
  /** The three reserved bits, 0 to 7. */
  readonly reserved?: number
}

/** One frame of RFC 6455 §5.2, written by hand. */
export function frameBytes(
  payload: Buffer | string,
  { opcode = 1, isFinal = true, isMasked = true, reserved = 0 }: FrameBits = {},
): Buffer {
  const bytes = Buffer.from(payload)
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode
  const mask = isMasked ? Buffer.from([1, 2, 3, 4]) : Buffer.alloc(0)
  const masked = isMasked ? bytes.map((byte, at) => byte ^ ((at % 4) + 1)) : bytes
  return Buffer.concat([Buffer.from([first]), lengthBytes(bytes.length, isMasked), mask, masked])
}

function lengthBytes(length: number, isMasked: boolean): Buffer {
  const bit = isMasked ? 0x80 : 0
  if (length < 126) return Buffer.from([bit | length])
  if (length < 65_536) return Buffer.from([bit | 126, length >> 8, length & 255])
  const bytes = Buffer.alloc(9)
  bytes[0] = bit | 127
  bytes.writeBigUInt64BE(BigInt(length), 1)
  return bytes
}

/** A frame that came. */
export interface ReadFrame {
  readonly opcode: number
  readonly payload: Buffer
}

/** The whole frames after the server's part of the handshake. */
export function framesIn(received: Buffer): readonly ReadFrame[] {
  const frames: ReadFrame[] = []
  let at = received.indexOf('\r\n\r\n') + 4
  while (at >= 4 && at + 2 <= received.length) {
    const short = (received[at + 1] ?? 0) & 0x7f
    const start = at + (short === 126 ? 4 : short === 127 ? 10 : 2)
    if (start > received.length) break
    const length = short === 126 ? received.readUInt16BE(at + 2) : short === 127 ? Number(received.readBigUInt64BE(at + 2)) : short
    if (start + length > received.length) break
    frames.push({ opcode: (received[at] ?? 0) & 0x0f, payload: received.subarray(start, start + length) })
    at = start + length
  }
  return frames
}

/** The code with which the server closed, if it said one. */
export function closeCodeIn(received: Buffer): number | undefined {
  const close = framesIn(received).find(({ opcode }) => opcode === 8)
  return close && close.payload.length >= 2 ? close.payload.readUInt16BE(0) : undefined
}

/** A WebSocket of which only the handshake is over. */
export async function rawSocket(port: number, headers: Readonly<Record<string, string>> = {}, query = ''): Promise<RawConnection> {
  const connection = await rawConnection(port)
  connection.send(handshake(port, headers, query))
  await Promise.race([connection.until((bytes) => bytes.includes('\r\n\r\n')), connection.ended])
  return connection
}
