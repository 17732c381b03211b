import { html, type TemplateResult } from 'lit'
import { fullTime, momentWords } from './time-words.ts'

/** A moment as a person reads it: the time of day, with the date when it is not today's; the whole of it on hover. */
export function momentTime(at: number, now: number): TemplateResult {
  return html`<time datetime=${new Date(at).toISOString()} title=${fullTime(at)}>${momentWords(at, now)}</time>`
}
