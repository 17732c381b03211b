/** A log is read in terminals, too: what would move their cursor, reorder a line or end it (C0, C1, bidi, line separators). */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu
/** Of an address only the place is told: queries carry codes and states, and what stands before an @ is a password. */
const query = /(\b[a-z][a-z\d+.-]{1,20}:\/\/[^\s?#"'<>]{1,500})[?#][^\s"'<>]*/gi
const credentialsInUrl = /(:\/\/)[^\s/@]{1,500}@/g
/** What looks like a secret wherever it stands: no log line is meant to hold one, so this is the second net. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/\beyJ[\w-]{6,}(?:\.[\w-]*){1,4}/g, '[secret]'],
  [/\b(bearer|basic|dpop)\s+[\w.~+/=-]{6,}/gi, '$1 [secret]'],
  [/\b((?:\w{1,20}[_-])?(?:token|secret|password|passwd|code|verifier|assertion|state|cookie|api_?key))=[^\s&;,"']+/gi, '$1=[secret]'],
]

/** Longer texts of a fact are cut. */
const MAX_TEXT = 1_000

/** A text for a terminal: its lines, without what would move the cursor or turn a line round. */
export function printable(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replaceAll(unprintable, ' '))
    .join('\n')
}

/** A text as it may stand in a log: on one line, without what is invisible, without queries and secrets, and not without end. */
export function logText(text: string): string {
  let shown = text.slice(0, 4 * MAX_TEXT).replaceAll(unprintable, ' ')
  shown = shown.replaceAll(query, '$1?…').replaceAll(credentialsInUrl, '$1[secret]@')
  for (const [pattern, instead] of secrets) shown = shown.replaceAll(pattern, instead)
  return text.length > 4 * MAX_TEXT || shown.length > MAX_TEXT ? `${shown.slice(0, MAX_TEXT)}…` : shown
}
