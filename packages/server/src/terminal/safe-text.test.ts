import fc from 'fast-check'
import { expect, test } from 'vitest'
import { safeJson, safeLine, safeText } from './safe-text.ts'

const ESC = '\u001B'

test.each([
  ['a clipboard that is set (OSC 52)', `a${ESC}]52;c;cm0gLXJmIH4=\u0007b`, 'ab'],
  ['a title (OSC 0), ended by ST', `a${ESC}]0;pwned${ESC}\\b`, 'ab'],
  [
    'a link whose words are not where it leads (OSC 8)',
    `${ESC}]8;;http://evil.example${ESC}\\bank.example${ESC}]8;;${ESC}\\`,
    'bank.example',
  ],
  ['a screen wiped to draw another (CSI)', `a${ESC}[2J${ESC}[1;1Hb`, 'ab'],
  ['colours', `${ESC}[1;31mred${ESC}[0m`, 'red'],
  ['a terminal that is reset', `a${ESC}cb`, 'ab'],
  ['a string for a device (DCS)', `a${ESC}Pq#0;1${ESC}\\b`, 'ab'],
  ['orders in eight bits (C1)', 'a\u009B31mb\u009D52;c;eA==\u009Cc\u0090x\u009Cd', 'abcd'],
  ['an order that is not ended: its beginning goes, its words stay', `a${ESC}]52;c;eA`, 'a52;c;eA'],
  ['an order in an order', `a${ESC}${ESC}[31m[2Jb`, 'a[2Jb'],
  ['a line that is written over', 'deny\rallow', 'deny\nallow'],
  ['letters taken back', 'deny\b\b\b\ballow', 'denyallow'],
  ['other ends of lines', 'a\r\nb\u2028c\u2029d\u0085e', 'a\nb\nc\nd\ne'],
  ['text turned round', 'pay \u202E001\u202C EUR \u2066x\u2069', 'pay 001 EUR x'],
  ['what has no width', 'a\u200Bb\u200Cc\u200Dd\u2060e\uFEFFf\u00ADg', 'abcdefg'],
  ['letters that hide in tags and fillers', 'a\u{E0041}\u3164\u115Fb', 'ab'],
  ['half a character', 'a\uD83Db', 'a\uFFFDb'],
])('nothing is left of %s', (_what, text, safe) => {
  expect(safeText(text)).toBe(safe)
})

test('what people write stays: line breaks, tabs, accents, emoji of several parts, other scripts', () => {
  const text = 'Zoë\t“ok”\n日本語 العربية שלום हिन्दी 👩‍👩‍👧 ❤️ 👍🏽 e\u0301'
  expect(safeText(text)).toBe(text)
})

test('on one line, a text cannot begin another', () => {
  expect(safeLine('a\n\n✓ Approved\tb ')).toBe('a ✓ Approved b')
})

/** Everything that a terminal could take for more than a character, however it comes together. */
const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      ESC,
      '[',
      ']',
      '52;c;',
      '\u0007',
      `${ESC}\\`,
      '\u009B',
      '\u009C',
      '\u009D',
      '\r',
      '\n',
      '\u202E',
      '\u200D',
      '😀',
      '\uFE0F',
      '\uD83D',
      'm',
      '3',
    ),
    fc.string({ unit: 'binary', maxLength: 2 }),
  ),
})
// oxlint-disable-next-line no-misleading-character-class -- each of these stands for itself
const unsafe = /(?![\n\t])\p{Cc}|\p{Zl}|\p{Zp}|\p{Cs}|(?![\u200D\uFE0F])\p{Default_Ignorable_Code_Point}|(?!\u200D)\p{Cf}/u

test('whatever comes, what goes out is safe, and safe text is not changed again', () => {
  const isSafe = (text: string): void => {
    const safe = safeText(text)
    expect(safe).not.toMatch(unsafe)
    expect(safeText(safe)).toBe(safe)
  }
  fc.assert(fc.property(hostile, isSafe), { numRuns: 5_000 })
})

test('JSON is safe, and still says what it said', () => {
  const isSame = (value: fc.JsonValue, text: string): void => {
    const json = safeJson({ value, text })
    expect(json).not.toMatch(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}|\p{Cs}|\p{Default_Ignorable_Code_Point}/u)
    expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ value, text })))
  }
  fc.assert(fc.property(fc.jsonValue(), hostile, isSame), { numRuns: 1_000 })
})
