import type { JsonValue } from '../protocol/json.ts'

/** Control characters but line breaks and tabs, and the marks that turn the direction of the text around them. */
const HIDDEN = /(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu

/** Others' text as a person is shown it: what is not seen but changes what is seen is taken out, and it can be stored. */
export function shownText(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(HIDDEN, '')
    .replaceAll(/\p{Surrogate}/gu, '\uFFFD')
}

/** A value that a person approves, with everything in it to be seen: a hidden character is written out, not taken out, for it is part of what runs. */
export function laidOpen(value: JsonValue): JsonValue {
  if (typeof value === 'string') return writtenOut(value)
  if (value === null || typeof value !== 'object') return value
  if (isArray(value)) return value.map(laidOpen)
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [writtenOut(key), laidOpen(member)]))
}

function writtenOut(text: string): string {
  return text.replaceAll(HIDDEN, (hidden) => `\\u${hidden.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
