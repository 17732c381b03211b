import { expect, test } from 'vitest'
import { browserWords } from './browser-words.ts'

const linux = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)'
const iPhone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)'

test.each([
  ['Chrome on Linux', `${linux} Chrome/140.0.0.0 Safari/537.36`],
  ['Chrome on Linux', `${linux} HeadlessChrome/140.0.0.0 Safari/537.36`],
  ['Edge on Windows', 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0'],
  ['Firefox on macOS', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 15.5; rv:142.0) Gecko/20100101 Firefox/142.0'],
  ['Safari on iPhone', `${iPhone} Version/19.0 Mobile/15E148 Safari/604.1`],
  ['Chrome on iPhone', `${iPhone} CriOS/140.0.0.0 Mobile/15E148 Safari/604.1`],
  ['Chrome on Android', 'Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36'],
  ['A browser', 'curl/8.14'],
  ['A browser', undefined],
  ['A browser', `\u202e<script>alert(1)</script>\u0000${'x'.repeat(100_000)} Chrome/1 Linux`],
])('%s', (words, userAgent) => {
  expect(browserWords(userAgent)).toBe(words)
})
