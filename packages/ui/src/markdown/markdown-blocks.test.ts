import { expect, test } from 'vitest'
import { growBlocks, noBlocks, type MarkdownBlocks } from './markdown-blocks.ts'
import { markdownHtml } from './markdown-html.ts'

const TEXT = `# Title

A paragraph with *emphasis* and a [link](https://example.org).

- one
- two

  still two

| a | b |
| - | - |
| 1 | 2 |

\`\`\`js
const a = 1

const b = 2
\`\`\`

Setext
======

> quote
> more

1. first
2. second

last words`

test.each([1, 2, 3, 7, 40, 1000])('grown by %i characters, a text has the blocks it has when read at once', (size) => {
  const grown = growBlocks(grow(TEXT, size), TEXT, true)
  expect(rawsOf(grown)).toEqual(rawsOf(growBlocks(noBlocks, TEXT)))
  expect(grown.blocks.map(({ token }) => markdownHtml(token))).toEqual(
    growBlocks(noBlocks, TEXT).blocks.map(({ token }) => markdownHtml(token)),
  )
})

test('blocks before the growing one stay the same objects', () => {
  const before = growBlocks(noBlocks, 'one\n\ntwo\n\nthr')
  const after = growBlocks(before, 'one\n\ntwo\n\nthree')
  expect(after.blocks[0]).toBe(before.blocks[0])
  expect(after.blocks[2]).toBe(before.blocks[2])
  expect(after.blocks[4]).not.toBe(before.blocks[4])
})

test('the end of a text redraws nothing that did not change', () => {
  const before = growBlocks(noBlocks, 'one\n\ntwo')
  const after = growBlocks(before, 'one\n\ntwo', true)
  expect(after.blocks.map((block, index) => block === before.blocks[index])).toEqual([true, true, true])
})

test('a text that was replaced is read anew', () => {
  expect(rawsOf(growBlocks(growBlocks(noBlocks, 'old words'), 'new'))).toEqual(['new'])
})

test('a definition at the end reaches the links before it once the text is complete', () => {
  const text = 'see [notes]\n\n[notes]: https://example.org'
  const html = growBlocks(grow(text, 5), text, true).blocks.map(({ token }) => markdownHtml(token))
  expect(html[0]).toContain('href="https://example.org"')
})

test('HTML in a text is text, and a picture is a link', () => {
  expect(htmlOf('<b onclick="x()">hi</b>')).toContain('&lt;b onclick=&quot;x()&quot;&gt;')
  expect(htmlOf('![a cat](https://example.org/cat.png)')).toBe('<p><a href="https://example.org/cat.png">a cat</a></p>\n')
})

function grow(text: string, size: number): MarkdownBlocks {
  let known = noBlocks
  for (let end = size; end < text.length; end += size) known = growBlocks(known, text.slice(0, end))
  return known
}

function rawsOf({ blocks }: MarkdownBlocks): readonly string[] {
  return blocks.map(({ raw }) => raw)
}

function htmlOf(text: string): string {
  return growBlocks(noBlocks, text)
    .blocks.map(({ token }) => markdownHtml(token))
    .join('')
}
