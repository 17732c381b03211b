/** What a terminal takes as an order, with all that belongs to it (ECMA-48 §5.3, §5.4, §5.6; OSC also ends at BEL): not even its words are to be seen. */
const orders =
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  /(?:\u001B\[|\u009B)[\u0020-\u003F]*[\u0040-\u007E]?|(?:\u001B[\]PX^_]|[\u009D\u0090\u0098\u009E\u009F])\P{Cc}*(?:\u0007|\u001B\\|\u009C)|\u001B[\u0020-\u002F]*[\u0030-\u007E]?/gu
const lineEnds = /\r\n?|[\u0085\p{Zl}\p{Zp}]/gu
const controls = /(?![\n\t])\p{Cc}/gu
/** What is not seen, but turns, joins or hides what is: bidi marks, zero widths, tags, fillers. Emoji are made with two of them. */
const hidden =
  /(?!\uFE0F|(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D(?=\p{Extended_Pictographic}))[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu
const halves = /\p{Surrogate}/gu
/** What JSON leaves as it is, although a terminal would not. */
const bare = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu

/**
 * Others' text as a terminal may get it: nothing in it moves the cursor, sets the title or the clipboard, makes a link, colours, or reads other than it is.
 * Line breaks and tabs stay. The one door through which the words of models, tools, providers and people reach a terminal.
 */
export function safeText(text: string): string {
  return text.replaceAll(orders, '').replaceAll(lineEnds, '\n').replaceAll(controls, '').replaceAll(hidden, '').replaceAll(halves, '\uFFFD')
}

/** The same on one line. */
export function safeLine(text: string): string {
  return safeText(text).replaceAll(/\s+/gu, ' ').trim()
}

/** A value as JSON that a terminal may get, too: what would not be seen is written out, so that what is parsed is what was there. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(bare, written)
}

/** Of a character of two halves each half is written, as JSON wants it (RFC 8259 §7). */
function written(character: string): string {
  return Array.from({ length: character.length }, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')
}
