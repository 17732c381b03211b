import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const text = readFileSync(join(root, 'docs', 'threats.md'), 'utf8')
const rows = text.split('\n').filter((line) => /^\| T-\d/.test(line))
const must = [...Array.from({ length: 36 }, (_, index) => index + 1), 46].map((number) => `T-${String(number).padStart(2, '0')}`)

test('each attack that must be held has one row, with at least one proof', () => {
  const withProof = rows.filter((row) => proofsOf(row).length > 0).map(idOf)
  expect(withProof.filter((id) => must.includes(id))).toEqual(must)
  expect(new Set(rows.map(idOf)).size).toBe(rows.length)
})

test('every proof is a test of that name in that file', () => {
  const missing = rows.flatMap((row) =>
    proofsOf(row).flatMap(({ file, title }) => (hasTest(file, title) ? [] : [`${idOf(row)} ${file}: ${title}`])),
  )
  expect(missing).toEqual([])
})

test('every file that is named exists', () => {
  const files = [...text.matchAll(/`((?:packages|test)\/[\w./-]+)`/g)].map(([, file]) => file ?? '')
  expect(files.length).toBeGreaterThan(100)
  expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([])
})

test('a test that is not there, and one that is only mentioned, would be seen', () => {
  const file = 'test/threats.test.ts'
  expect(hasTest(file, 'every file that is named exists')).toBe(true)
  expect(hasTest(file, 'every file that is named')).toBe(false)
  // The sentence stands in this file, but names no test.
  expect(hasTest(file, 'a sentence')).toBe(false)
  expect(['a sentence'].length).toBe(1)
})

function idOf(row: string): string {
  return /^\| (T-\d+)/.exec(row)?.[1] ?? ''
}

function proofsOf(row: string): readonly { readonly file: string; readonly title: string }[] {
  return [...row.matchAll(/\[`([^`]+\.test\.ts)`\]\(\.\.\/\1\) “([^”]+)”/g)].map(([, file = '', title = '']) => ({ file, title }))
}

/** Whether the file has a test, or a group of them, with exactly this title. */
function hasTest(file: string, title: string): boolean {
  if (!existsSync(join(root, file))) return false
  const source = readFileSync(join(root, file), 'utf8')
  const literals = [`'${title}'`, `"${title}"`, `\`${title}\``].map((literal) => literal.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  // A title is the first argument: behind the bracket of a call, or on a line of its own, and before the test's code.
  return new RegExp(String.raw`(?:\(|^\s*)(?:${literals.join('|')}),\s*(?:async\b|\(|\{)`, 'm').test(source)
}
