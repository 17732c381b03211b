import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildStory } from './build-story.ts'
import { Children, type Exit, severalAtATime } from './children.ts'
import { readDeeds } from './outside-world.ts'
import type { Ending } from './ending.ts'
import type { StoryName, Takeover } from './story.ts'
import { wrongEnds } from './wrong-ends.ts'

const AT_A_TIME = 2
const children = new Children()
const folder = mkdtempSync(join(tmpdir(), 'countersign kill '))
let program = ''

beforeAll(async () => {
  program = await buildStory(folder)
}, 60_000)

afterAll(() => {
  children.endAll()
  rmSync(folder, { recursive: true, force: true })
})

/** What takes effect in each story, outside of the database. */
const stories: readonly (readonly [StoryName, readonly string[]])[] = [
  ['approval', ['slow', 'pay']],
  ['idempotent', ['slow', 'pay']],
  ['sign-in', ['token-request', 'token-answer', 'who_am_i']],
  ['phone', ['ring', 'token-request', 'token-answer', 'who_am_i', 'commit of polled']],
]

test.each(stories)(
  'the story "%s" ends rightly wherever its process is killed',
  async (story, effects) => {
    const whole = await live(story, mkdtempSync(join(folder, 'whole-')), ['play'])
    expect(whole.wrong).toEqual([])
    const points = whole.exit.lines
    const landmarks = ['token #6', 'commit of start #1', 'commit of delta #6', 'commit of reply #2', ...effects.map((name) => `${name} #1`)]
    expect(points).toEqual(expect.arrayContaining(landmarks.flatMap((point) => [`before ${point}`, `after ${point}`])))
    const killed = await severalAtATime(AT_A_TIME, points, (point, index) => dieAndRecover(story, point, takeoverAt(index)))
    expect(killed.flat()).toEqual([])
  },
  300_000,
)

/** Points come in pairs, before and after: each pair sees both ways, and neither way sees only one side. */
function takeoverAt(index: number): Takeover {
  return index % 4 === 0 || index % 4 === 3 ? 'release' : 'lease'
}

/** @returns what went wrong, with the point at which the process had been killed */
async function dieAndRecover(story: StoryName, point: string, takeover: Takeover): Promise<readonly string[]> {
  const place = mkdtempSync(join(folder, 'life-'))
  const death = await children.run(program, [story, place, 'play', point])
  const wrong = death.signal === 'SIGKILL' && death.lines.at(-1) === point ? [] : [`it was not killed there: ${ended(death)}`]
  const next = await live(story, place, [takeover])
  rmSync(place, { recursive: true, force: true })
  return [...wrong, ...next.wrong].map((sentence) => `killed ${point}, then ${takeover}: ${sentence}`)
}

/** A life that comes to its end. */
async function live(story: StoryName, place: string, how: readonly string[]): Promise<{ exit: Exit; wrong: readonly string[] }> {
  const exit = await children.run(program, [story, place, ...how])
  if (exit.code !== 0) return { exit, wrong: [`the story did not end: ${ended(exit)}`] }
  const ending = JSON.parse(readFileSync(join(place, 'ending.json'), 'utf8')) as Ending // written by our own program
  return { exit, wrong: wrongEnds(story, ending, readDeeds(place)) }
}

function ended({ code, signal, lines, complaint }: Exit): string {
  return `ended with ${signal ?? code} after "${lines.at(-1)}" ${complaint}`
}
