/** First match counts: most browsers also name those they descend from. */
const browsers = [
  ['Edge', /\bEdg(?:e|A|iOS)?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /(?:Chrome|Chromium|CriOS)\//],
  ['Safari', /\bSafari\//],
] as const

const systems = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMac OS X\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Linux', /\bLinux\b/],
] as const

/** A browser in words of ours, by which its owner knows it again: `Chrome on Linux`. Nothing else of what it said of itself is kept. */
export function browserWords(userAgent: string | undefined): string {
  const text = (userAgent ?? '').slice(0, 500)
  const wordFor = (known: readonly (readonly [string, RegExp])[]): string | undefined => known.find(([, sign]) => sign.test(text))?.[0]
  const browser = wordFor(browsers) ?? 'A browser'
  const system = wordFor(systems)
  return system === undefined ? browser : `${browser} on ${system}`
}
