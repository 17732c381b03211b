import type { AuditEntry, JsonValue, Rows } from '@countersign/core'
import { printable } from '../runtime/log-text.ts'

/** What names who did it, in the order in which it is looked for. */
const whoMembers = ['by', 'principal', 'to', 'instance']
/** A digest is long and says nothing to people; its beginning tells two apart. */
const digest = /[\w-]{43}/g
const SHORT = 8

/** An entry of the audit on one line: for people time, chain, type, who and what; as JSON all of it, so that it can be kept and verified elsewhere. */
export function auditLine(entry: AuditEntry, isJson: boolean): string {
  if (isJson) return JSON.stringify('record' in entry ? recordJson(entry.record) : checkpointJson(entry.checkpoint))
  // A name that a client chose could hold the ends of lines.
  return printable('record' in entry ? recordLine(entry.record) : checkpointLine(entry.checkpoint)).replaceAll('\n', ' ')
}

function recordLine({ at, stream, number, record }: Rows['audits']): string {
  const { type, ...members } = record
  const whoMember = whoMembers.find((name) => typeof members[name] === 'string')
  const who = whoMember === undefined ? '-' : textOf(members[whoMember])
  const what = Object.entries(members)
    .filter(([name]) => name !== whoMember)
    .map(([name, value]) => `${name}=${shown(value)}`)
  return [timeText(at), `${stream}#${number}`, textOf(type), shortened(who), ...what].join('  ')
}

function checkpointLine({ at, number, heads, hash, key }: Rows['checkpoints']): string {
  return [timeText(at), `checkpoints#${number}`, 'checkpoint', key, `chains=${heads.length}`, `hash=${hash}`].join('  ')
}

function recordJson({ at, stream, number, previous, hash, record }: Rows['audits']): object {
  return { at: new Date(at).toISOString(), stream, number, previous, hash, record }
}

function checkpointJson({ at, number, previous, root, heads, key, signature, hash }: Rows['checkpoints']): object {
  return { at: new Date(at).toISOString(), checkpoint: number, previous, root, heads, key, signature, hash }
}

function timeText(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '')
}

function shown(value: JsonValue): string {
  return shortened(textOf(value))
}

/** A member as text; one that is missing or no text was not written by us. */
export function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}

function shortened(text: string): string {
  return text.replaceAll(digest, (found) => `${found.slice(0, SHORT)}…`)
}
