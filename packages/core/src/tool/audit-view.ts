import type { JsonObject, JsonValue } from '../protocol/json.ts'
import { redactKeys } from './redact.ts'

/** Longer texts are cut; the digest beside the view stands for the whole. */
const MAX_TEXT = 32
/** What lies deeper, or comes later in a list or an object, is left out: a record has to stay small. */
const MAX_DEPTH = 3
const MAX_MEMBERS = 16

/** A call's arguments as the audit keeps them: secrets masked, texts shortened, and no more than tells one call from another. */
export function auditView(input: JsonObject): JsonValue {
  return shortened(redactKeys(input), 1)
}

function shortened(value: JsonValue, depth: number): JsonValue {
  if (typeof value === 'string') return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value
  if (value === null || typeof value !== 'object') return value
  if (depth > MAX_DEPTH) return '…'
  const members = Object.entries(value).map(([key, member]): [string, JsonValue] => [key, shortened(member, depth + 1)])
  const kept = members.slice(0, MAX_MEMBERS)
  const isCut = kept.length < members.length
  if (isList(value)) return [...kept.map(([, member]) => member), ...(isCut ? ['…'] : [])]
  return { ...Object.fromEntries(kept), ...(isCut && { '…': members.length - kept.length }) }
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value)
}
