import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { linkHash, memoryStore, type Rows, type Store, systemRuntime } from '@countersign/core'
import { openSqliteStore } from '@countersign/server'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { makeCheckpoint } from '../../packages/core/src/audit/checkpoint.ts'
import { openDatabase } from '../../packages/server/src/store/open-database.ts'
import { type AuditRows, auditStory, readAudit, signerOf, verified, writeAudit } from './audit-story.ts'

type Audit = Rows['audits']

const story = await auditStory()
const { rows } = story
const ada = 'conversation:conversation:anonymous:ada'
const chain = rows.audits.filter(({ stream }) => stream === ada).toSorted((left, right) => left.number - right.number)
/** Up to where the checkpoints cover it. */
const signed = 13

describe.each(['memory', 'sqlite'] as const)('on %s', (name) => {
  test('a trail that nobody touched is whole, and says what no checkpoint covers', async () => {
    const { verdict, found } = await verify(rows)
    expect(found).toEqual([])
    expect(verdict).toMatchObject({ isWhole: true, records: rows.audits.length, streams: 4, checkpoints: 2, uncovered: 7 })
    expect(verdict.last?.hash).toBe(rows.checkpoints[1]?.hash)
  })

  test('whatever column of whatever record is changed, the record is named, or the one that no longer follows on it', async () => {
    const changes: readonly ((record: Audit) => Audit)[] = [
      (record) => ({ ...record, at: record.at + 1 }),
      (record) => ({ ...record, record: { ...record.record, type: 'nothing' } }),
      (record) => ({ ...record, record: { ...record.record, more: null } }),
      (record) => ({ ...record, previous: chain[0]?.hash ?? '' }),
      (record) => ({ ...record, hash: chain[0]?.hash ?? '' }),
      // With a hash that is right for what it says now.
      (record) => withHash({ ...record, at: record.at + 1 }),
    ]
    const silent: string[] = []
    for (const record of rows.audits)
      for (const change of changes) {
        const changed = change(record)
        if (JSON.stringify(changed) === JSON.stringify(record)) continue
        const { found } = await verify({ ...rows, audits: replaced(record, changed) })
        const places = [record.number, record.number + 1].map((number) => `${record.stream}#${number} `)
        if (!found.some((each) => places.some((place) => each.startsWith(place))))
          silent.push(`${record.stream}#${record.number} ${found.join()}`)
      }
    expect(silent).toEqual([])
  })

  test('a record that is dropped is named: the first, one in the middle, the last', async () => {
    const found = async (number: number): Promise<readonly string[]> =>
      (await verify({ ...rows, audits: rows.audits.filter((row) => row.stream !== ada || row.number !== number) })).found
    expect(await found(1)).toContain(`${ada}#1 dropped`)
    expect(await found(7)).toContain(`${ada}#7 dropped`)
    expect(await found(20)).toEqual([`${ada}#20 cut_off`])
  })

  test('records that change places, or are numbered anew, are named where they stand now', async () => {
    const swapped = rows.audits.map((row) => (row.stream !== ada ? row : { ...row, number: { 4: 9, 9: 4 }[row.number] ?? row.number }))
    const { found } = await verify({ ...rows, audits: swapped })
    expect(found).toEqual(expect.arrayContaining([`${ada}#4 reordered`, `${ada}#9 reordered`]))
    // The fifth is taken out, and those behind it move up.
    const moved = rows.audits
      .filter((row) => row.stream !== ada || row.number !== 5)
      .map((row) => (row.stream === ada && row.number > 5 ? { ...row, number: row.number - 1 } : row))
    const renumbered = await verify({ ...rows, audits: moved, conversations: headAt(19, chain.at(-1)?.hash) })
    expect(renumbered.found).toEqual(expect.arrayContaining([`${ada}#5 reordered`, `${ada}#19 reordered`]))
  })

  test('a tail that is cut off behind a checkpoint is named, even if the head says that nothing was ever there', async () => {
    const cut = (number: number): AuditRows => ({
      ...rows,
      audits: rows.audits.filter((row) => row.stream !== ada || row.number <= number),
      conversations: headAt(number, chain[number - 1]?.hash),
    })
    expect((await verify(cut(signed - 1))).found).toContain(`${ada}#${signed} cut_off`)
    // What is younger than the last checkpoint can be cut off by an owner of the database: this is the limit that the docs name.
    expect((await verify(cut(signed))).verdict.isWhole).toBe(true)
  })

  test('a chain that is written anew from the middle, with hashes and head that fit, is not what the checkpoint signed', async () => {
    const { found } = await verify(relinked(6))
    expect(found).toEqual([`${ada}#${signed} relinked`])
  })

  test('a head that is changed, or gone, is named', async () => {
    const heads = async (change: (row: Rows['conversations']) => Rows['conversations'] | undefined): Promise<readonly string[]> =>
      (await verify({ ...rows, conversations: rows.conversations.flatMap((row) => (isAdas(row) ? (change(row) ?? []) : row)) })).found
    expect(await heads((row) => ({ ...row, auditHead: chain[0]?.hash ?? '' }))).toEqual([`${ada}#20 head_wrong`])
    expect(await heads((row) => ({ ...row, auditNumber: 19 }))).toContain(`${ada}#20 head_wrong`)
    expect(await heads((row) => ({ ...row, auditNumber: 21 }))).toContain(`${ada}#21 cut_off`)
    expect(await heads(() => undefined)).toContain(`${ada}#${signed} head_wrong`)
    const streams = rows.streams.map((row) => ({ ...row, head: 'another' }))
    expect((await verify({ ...rows, streams })).found.toSorted()).toEqual(streams.map(({ id }) => `${id}#1 head_wrong`).toSorted())
  })

  test('a checkpoint that is changed, forged or taken away is named', async () => {
    const [first, second] = rows.checkpoints
    if (!first || !second) throw new Error('the story has two checkpoints')
    const found = async (...checkpoints: AuditRows['checkpoints']): Promise<readonly string[]> =>
      (await verify({ ...rows, checkpoints })).found
    for (const change of [
      { at: 1 },
      { previous: 'another' },
      { root: second.root },
      { heads: second.heads },
      { hash: second.hash },
      { signature: '' },
    ])
      expect(await found({ ...first, ...change }, second)).toContain('checkpoints#1 checkpoint_forged')
    expect(await found({ ...first, key: 'k-stranger' }, second)).toContain('checkpoints#1 checkpoint_forged')
    // Made whole, but not with our key.
    const forged = makeCheckpoint(story.runtime, signerOf('k-audit', 8), { last: first, at: second.at, heads: second.heads })
    expect(await found(first, forged)).toEqual(['checkpoints#2 checkpoint_forged'])
    const stranger = makeCheckpoint(story.runtime, signerOf('k-stranger', 8), { last: first, at: second.at, heads: second.heads })
    expect(await found(first, stranger)).toEqual(['checkpoints#2 unknown_key'])
    expect(await found(second)).toContain('checkpoints#1 checkpoint_dropped')
    expect(await found(first)).toEqual(['checkpoints#1 checkpoint_dropped'])
    expect(await found(first, { ...second, number: 3 })).toEqual(
      expect.arrayContaining(['checkpoints#2 checkpoint_dropped', 'checkpoints#3 checkpoint_forged']),
    )
  })

  test('an owner who takes the newest checkpoint and every trace of it away is found out by one that was kept outside', async () => {
    const [first, second] = rows.checkpoints
    if (!first || !second) throw new Error('the story has two checkpoints')
    const linus = 'conversation:conversation:user:linus'
    const own = (stream: string): boolean => stream === linus || stream === 'principal:user:linus'
    const without: AuditRows = {
      audits: rows.audits.filter(({ stream }) => !own(stream)),
      conversations: rows.conversations.filter(isAdas),
      streams: rows.streams.filter(({ id }) => !own(id)),
      tails: rows.tails,
      checkpoints: [first],
    }
    expect((await verify(without)).verdict.isWhole).toBe(true)
    expect((await verify(without, second.hash)).found).toEqual(['checkpoints#1 checkpoint_dropped'])
    expect((await verify(rows, second.hash)).found).toEqual([])
  })

  test('whatever is done to what a checkpoint covers, it is not passed over in silence', async () => {
    const covered = rows.audits.filter(({ stream, number }) => stream !== ada || number <= signed)
    const store = await open()
    await fc.assert(
      fc.asyncProperty(anyTampering(covered), async ({ audits }) => {
        await writeAudit(store, { ...rows, audits: [...audits, ...rows.audits.filter((row) => !covered.includes(row))] })
        expect((await verified(store, story)).verdict.isWhole).toBe(false)
      }),
      { numRuns: 150, interruptAfterTimeLimit: 8_000 },
    )
  }, 20_000)

  let opened: Promise<Store> | undefined
  async function open(): Promise<Store> {
    opened ??=
      name === 'memory' ? Promise.resolve(memoryStore(story.runtime)) : openSqliteStore({ file: ':memory:', runtime: systemRuntime() })
    return opened
  }

  async function verify(changed: AuditRows, known?: string): ReturnType<typeof verified> {
    const store = await open()
    await writeAudit(store, changed)
    return verified(store, story, known)
  }
})

test('what is no JSON any more is named, in a record and in a checkpoint, and the rest is verified', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'audit '))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'countersign.db')
  const store = await openSqliteStore({ file, runtime: systemRuntime() })
  await writeAudit(store, rows)
  const raw = openDatabase({ file, synchronous: 'FULL' })
  raw.exec(`update audits set record = '{' where stream = '${ada}' and number = 5`)
  raw.exec(`update audits set at = at + 1 where stream = '${ada}' and number = 9`)
  raw.exec(`update checkpoints set heads = '[' where number = 1`)
  raw.close()
  const { found } = await verified(store, story)
  expect(found).toEqual(['checkpoints#1 checkpoint_forged', `${ada}#5 changed`, `${ada}#9 changed`])
  await store.close()
})

test('a verification changes nothing', async () => {
  const store = memoryStore(story.runtime)
  await writeAudit(store, rows)
  const { commits } = store.stats()
  await verified(store, story)
  expect(store.stats().commits).toBe(commits)
  expect(await readAudit(store)).toEqual(rows)
})

function isAdas({ id }: Rows['conversations']): boolean {
  return `conversation:${id}` === ada
}

function withHash(record: Audit): Audit {
  return { ...record, hash: linkHash(story.runtime, record) }
}

function replaced(record: Audit, by: Audit): readonly Audit[] {
  return rows.audits.map((each) => (each === record ? by : each))
}

/** Ada's conversation with another head. */
function headAt(number: number, hash = ''): AuditRows['conversations'] {
  return rows.conversations.map((row) => (isAdas(row) ? { ...row, auditNumber: number, auditHead: hash } : row))
}

/** Ada's chain with another record, and everything behind it linked anew. */
function relinked(number: number): AuditRows {
  let previous = chain[number - 2]?.hash ?? ''
  const anew = chain.slice(number - 1).map((record, index) => {
    const changed = withHash({ ...record, previous, ...(index === 0 && { record: { type: 'nothing' } }) })
    previous = changed.hash
    return changed
  })
  const kept = rows.audits.filter((row) => row.stream !== ada || row.number < number)
  return { ...rows, audits: [...kept, ...anew], conversations: headAt(chain.length, previous) }
}

/** Some records changed, dropped, swapped or numbered anew, some of them with hashes that fit. */
function anyTampering(covered: readonly Audit[]): fc.Arbitrary<{ readonly audits: readonly Audit[] }> {
  const at = fc.integer({ min: 0, max: covered.length - 1 })
  const act = fc.record({ at, other: at, kind: fc.constantFrom('change', 'forge', 'drop', 'swap', 'copy'), text: fc.string() })
  return fc
    .array(act, { minLength: 1, maxLength: 4 })
    .map((acts) => {
      let audits = [...covered]
      for (const { at: index, other, kind, text } of acts) {
        const [one, two] = [audits[index], audits[other]]
        if (!one || !two) continue
        if (kind === 'drop') audits = audits.filter((each) => each !== one)
        if (kind === 'change') audits[index] = { ...one, record: { ...one.record, text } }
        if (kind === 'forge') audits[index] = withHash({ ...one, record: { ...one.record, text } })
        if (kind === 'copy') audits[index] = { ...two, stream: one.stream, number: one.number }
        if (kind === 'swap') {
          audits[index] = { ...two, stream: one.stream, number: one.number }
          audits[other] = { ...one, stream: two.stream, number: two.number }
        }
      }
      return { audits }
    })
    .filter(({ audits }) => JSON.stringify(audits) !== JSON.stringify(covered))
}
