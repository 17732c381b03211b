import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { bundleProgram } from './bundle.mjs'
import { Findings } from './findings.ts'
import type { Part } from './options.ts'
import { playPart } from './play-part.ts'
import { Watch } from './progress.ts'
import { openPlaces } from './store-place.ts'

/** About a tenth of what `npm run soak` does; that says more of what went on. */
const parts: readonly (readonly [Part, number, string])[] = [
  ['kill', 15, 'servers that are killed again and again while people talk to them lose and double nothing'],
  ['race', 30, 'a question that is answered by everybody at once has one answer, and the others are told'],
  ['refresh', 30, 'fifty calls at once on an expired token renew it once'],
  ['faults', 30, 'whichever call of a story to its store fails, once, the story ends as it must'],
]
const SEED = 20_261_122
const folder = mkdtempSync(join(tmpdir(), 'countersign soak test '))
const watch = new Watch({ write: () => true }, () => performance.now())
let program = ''

beforeAll(async () => {
  program = await bundleProgram('soak-process', folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(['sqlite', 'postgres'] as const)('on %s', (store) => {
  test.each(parts)('%s, %i rounds: %s', { timeout: 240_000 }, async (part, rounds) => {
    const findings = new Findings()
    const places = await openPlaces(store)
    onTestFinished(() => places.stop())
    await playPart(part, { rounds, seed: SEED, program, findings, place: await places.next(), watch, isShort: true })
    expect({ lost: findings.lost, doubled: findings.doubled }).toEqual({ lost: [], doubled: [] })
  })
})
