/** A value found in a text, and where. */
export interface Found<T> {
  readonly value: T
  readonly start: number
  readonly end: number
}

/** Numbers, also with currency signs, thousands separators and `k`: `$1,200.50`, `1.200,50 €`, `2k`. Parts of words and dates are not numbers. */
export function findNumbers(text: string): readonly (Found<number> & { readonly isMoney: boolean })[] {
  const pattern =
    /(?<![\p{L}\p{N}._/:#@-])(-?)([$€£]\s?)?(-?)(\d[\d.,]*\d|\d)(k)?(\s?(?:[$€£]|dollars?\b|bucks\b|euros?\b|usd\b|eur\b))?(?![\p{L}\p{N}_/:@]|-\p{N}|\.\p{N})/giu
  return [...text.matchAll(pattern)].flatMap((match) => {
    const [whole, sign = '', before, innerSign = '', digits = '', thousands, after] = match
    const size = parseDigits(digits)
    if (size === undefined) return []
    const value = size * (thousands === undefined ? 1 : 1000) * (sign + innerSign === '-' ? -1 : 1)
    return [{ value, start: match.index, end: match.index + whole.length, isMoney: before !== undefined || after !== undefined }]
  })
}

/** E-mail addresses. */
export function findEmails(text: string): readonly Found<string>[] {
  return findAll(text, /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63})+/gu)
}

/** Addresses that begin with http. */
export function findUrls(text: string): readonly Found<string>[] {
  return findAll(text, /\bhttps?:\/\/[^\s"'<>]*[^\s"'<>.,;:!?)]/gu)
}

/** Dates written as year-month-day, with a time if there is one. */
export function findDates(text: string, withTime: boolean): readonly Found<string>[] {
  const date = String.raw`(?<!\d)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`
  return findAll(
    text,
    new RegExp(withTime ? `${date}T\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d+)?)?(?:Z|[+-]\\d\\d:\\d\\d)?` : `${date}(?![\\dT])`, 'g'),
  )
}

/** Texts between quotes, without the quotes; an apostrophe is none. */
export function findQuotes(text: string): readonly Found<string>[] {
  return ['"([^"]+)"', '“([^”]+)”', '«([^»]+)»', '`([^`]+)`', String.raw`(?<![\p{L}\p{N}])'([^']+)'(?![\p{L}\p{N}])`].flatMap((pattern) =>
    [...text.matchAll(new RegExp(pattern, 'gu'))].map((match) => ({
      value: match[1] ?? '',
      start: match.index,
      end: match.index + match[0].length,
    })),
  )
}

/** Paths and file names: `/etc/hosts`, `./a/b`, `report.pdf`. */
export function findPaths(text: string): readonly Found<string>[] {
  return findAll(
    text,
    /(?<![\p{L}\p{N}:/@.])(?:(?:~|\.{1,2})?(?:\/[\p{L}\p{N}._-]+)+\/?|[\p{L}\p{N}_-]+(?:\/[\p{L}\p{N}._-]+)*\.[a-z]{1,5})(?![\p{L}\p{N}/@])/gu,
  )
}

/** Identifiers: words with letters and digits, such as `ORD-1234` or `E42`. */
export function findIdentifiers(text: string): readonly Found<string>[] {
  return findAll(
    text,
    /(?<![\p{L}\p{N}_.@/-])(?=[\p{L}\p{N}_-]*\p{N})(?=[\p{L}\p{N}_-]*\p{L})[\p{L}\p{N}]+(?:[_-][\p{L}\p{N}]+)*(?![\p{L}\p{N}_@/-]|\.\p{N})/gu,
  )
}

/** The words of which `isWanted` is true, without the punctuation around them. */
export function findTokens(text: string, isWanted: (token: string) => boolean): readonly Found<string>[] {
  return findAll(text, /[^\s"“”'`,;:!?()]+/gu)
    .map((found) => withoutFinalDot(found))
    .filter(({ value }) => isWanted(value))
}

/** Whether a text fits a JSON Schema pattern; one that is no regular expression here fits nothing. */
export function fitsPattern(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text)
  } catch {
    return false // JSON Schema only recommends ECMAScript's dialect
  }
}

function withoutFinalDot(found: Found<string>): Found<string> {
  return found.value.endsWith('.') ? { ...found, value: found.value.slice(0, -1), end: found.end - 1 } : found
}

function findAll(text: string, pattern: RegExp): readonly Found<string>[] {
  return [...text.matchAll(pattern)].map((match) => ({ value: match[0], start: match.index, end: match.index + match[0].length }))
}

function parseDigits(digits: string): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(digits)) return Number(digits)
  if (/^\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(digits)) return Number(digits.replaceAll(',', ''))
  if (/^\d{1,3}(?:\.\d{3})+,\d{1,2}$/.test(digits)) return Number(digits.replaceAll('.', '').replace(',', '.'))
  return /^\d+,\d{1,2}$/.test(digits) ? Number(digits.replace(',', '.')) : undefined
}
