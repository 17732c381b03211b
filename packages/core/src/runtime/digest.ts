import type { JsonValue } from '../protocol/json.ts'
import { toBase64url } from './base64url.ts'
import { canonicalJson } from './canonical-json.ts'
import type { Runtime } from './runtime.ts'

const encoder = new TextEncoder()

/** SHA-256 of a text, as base64url. */
export function digestText(runtime: Pick<Runtime, 'sha256'>, text: string): string {
  return toBase64url(runtime.sha256(encoder.encode(text)))
}

/** SHA-256 of a value's canonical JSON, as base64url: equal exactly for equal values. */
export function digestJson(runtime: Pick<Runtime, 'sha256'>, value: JsonValue): string {
  return digestText(runtime, canonicalJson(value))
}
