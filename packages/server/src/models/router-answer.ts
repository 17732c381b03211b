import type { CallResult, JsonValue } from '@countersign/core'
import { valueAt } from './json-pointer.ts'
import { plainText } from './plain-text.ts'

/**
 * The answer to a person from results: `{name}` and `{account/owner}` are fields of the last result that has them, `{/0/id}` is a JSON
 * pointer (RFC 6901) into the list of results.
 */
export type AnswerTemplate = string

/** A template filled in, or the first field that no result has. */
export type Filled = { readonly text: string } | { readonly missing: string }

/** Fills a template from the outputs of results, oldest first. */
export function fillTemplate(template: AnswerTemplate, outputs: readonly JsonValue[]): Filled {
  const parsed = outputs.map(parsedOutput)
  let missing: string | undefined
  const text = template.replaceAll(/\{([^{}]+)\}/g, (_, field: string) => {
    const value = fieldOf(parsed, field)
    const shown = value === undefined ? undefined : shownInline(value)
    if (shown === undefined) missing ??= field
    return shown ?? ''
  })
  return missing === undefined ? { text } : { missing }
}

/** What to tell a person about a result: its template, else its content as plain text; for anything but success the one sentence of it. */
export function sayResult(result: CallResult, template: AnswerTemplate | undefined): string {
  if (result.status !== 'ok') return sayFailure(result)
  const filled = template === undefined ? undefined : fillTemplate(template, [result.output])
  if (filled !== undefined && 'text' in filled) return filled.text
  return plainText(parsedOutput(result.output)) || 'Done.'
}

/** The sentence a call that did not succeed comes with, or one of ours. */
export function sayFailure(result: CallResult): string {
  const message = valueAt(result.output, '/message')
  if (typeof message === 'string' && message.trim() !== '') return message
  const tool = result.tool.replaceAll('_', ' ')
  if (valueAt(result.output, '/error') === 'expired') return `Nobody answered in time, so "${tool}" was not done.`
  switch (result.status) {
    case 'refused':
      return `"${tool}" was declined, so it was not done.`
    case 'cancelled':
      return `"${tool}" was cancelled.`
    case 'ok':
    case 'failed':
      return `"${tool}" failed.`
  }
}

/** Some tools give their JSON as text. */
export function parsedOutput(output: JsonValue): JsonValue {
  if (typeof output !== 'string' || !/^\s*[[{]/.test(output)) return output
  try {
    return JSON.parse(output) as JsonValue
  } catch {
    return output // a text that begins with a bracket
  }
}

function fieldOf(outputs: readonly JsonValue[], field: string): JsonValue | undefined {
  if (field.startsWith('/')) return valueAt(outputs, field)
  return outputs.map((output) => valueAt(output, `/${field}`)).findLast((value) => value !== undefined)
}

function shownInline(value: JsonValue): string | undefined {
  if (Array.isArray(value)) return value.every((item: JsonValue) => typeof item !== 'object') ? value.join(', ') : undefined
  return value === null || typeof value === 'object' ? undefined : String(value)
}
