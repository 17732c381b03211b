import type { ServerFrame } from '@countersign/core/protocol'

const TYPES: ReadonlySet<unknown> = new Set<ServerFrame['type']>([
  'event_message',
  'snapshot_message',
  'caught_up_message',
  'draining_message',
  'error_message',
])

/** Reads a frame of the server; null for what this page does not know. The server is our own, so its fields are trusted. */
export function parseFrame(text: string): ServerFrame | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // A frame that is not JSON cannot come from our server; a proxy's noise changes nothing.
    return null
  }
  if (typeof value !== 'object' || value === null || !('type' in value) || !TYPES.has(value.type)) return null
  // The boundary: the discriminator was checked, the rest is the server's promise.
  return value as ServerFrame
}
