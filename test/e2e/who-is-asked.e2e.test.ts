import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { signInRows } from './rows.ts'
import { theatre } from './stage.ts'
import { rightsOf, toldOf } from './who-is-asked-rights.ts'
import { scenes } from './who-is-asked-scenes.ts'
import { type Rights, type RowName, rows } from './who-is-asked.ts'

const openStage = theatre()
// What the object was written with.
const names = Object.keys(rows) as RowName[]

describe.each(names.map((name, index) => ({ number: index + 1, name, ...rows[name] })))('row $number, $who', ({ name, may }) => {
  test(inWords(may), async () => {
    expect(await rightsOf(await scenes[name](openStage))).toEqual(may)
  })
})

test('an id that is not quite that of the question is no question, also for who was asked', async () => {
  const scene = await scenes['same-tab'](openStage)
  const before = await signInRows(scene.store)
  const [id, run, authorization] = [before.interactions, before.runs, before.authorizations].map(([row]) => row?.id ?? '')
  const misses = [id?.slice(0, -1), `${id}A`, `${id}%00`, ` ${id}`, swapCase(id ?? ''), run, authorization]
  for (const miss of misses) {
    const { told, unknown } = await toldOf(scene, miss ?? '')
    expect({ miss, ...told }).toEqual({ miss, ...unknown })
    expect(told).toMatchObject({ status: 403, frames: [expect.stringContaining('There is no such question.')] })
  }
  expect(await signInRows(scene.store)).toEqual(before)
})

test('the document has these rows, and no others', () => {
  const text = readFileSync(new URL('../../docs/who-is-asked.md', import.meta.url), 'utf8')
  const written = text.split('\n').filter((line) => /^\| \d/.test(line))
  const mark = (isAllowed: boolean): string => (isAllowed ? 'yes' : 'no')
  expect(written).toEqual(
    names.map((name, index) => {
      const { who, may, why } = rows[name]
      return `| ${[index + 1, who, ...[may.see, may.open, may.finish, may.answer].map(mark), why].join(' | ')} |`
    }),
  )
})

/** What somebody may do, as the name of a test. */
function inWords(may: Rights): string {
  const allowed = Object.entries(may).flatMap(([what, isAllowed]) => (isAllowed ? [what] : []))
  return allowed.length === 0 ? 'may do nothing about the question' : `may ${allowed.join(', ')}`
}

function swapCase(text: string): string {
  return text.replaceAll(/[a-z]/gi, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()))
}
