import { ask, storeUrl } from './databases.ts'
import { type Figure, compared, plain } from './figure.ts'
import { watchLocks } from './lock-watch.ts'
import { interleave } from './measure.ts'
import { connect } from './nat-person.ts'
import { type Program, withPrograms } from './program.ts'
import { SAYINGS } from './script.ts'
import type { StoreClaim } from './store-claim.ts'

const ROUNDS = 5
const PEOPLE = 64
const CYCLES = 8

/** Two processes on one PostgreSQL and on the processors of one: what the second costs, and whether anything is lost between them. */
export const twoInstances: StoreClaim = {
  name: 'two-instances',
  kinds: ['postgres'],
  async measureOn(databases, say) {
    const alone = await databases.make('alone')
    const shared = await databases.make('shared')
    const starts = [alone, shared, shared].map((database) => ({ path: 'programs/bench-server', argument: { ...database } }))
    return withPrograms(starts, async ([one, first, second]) => {
      if (!one || !first || !second) return []
      const [byOne, byTwo] = [round([one]), round([first, second])]
      await byOne()
      await byTwo()
      const locks = await watchLocks(storeUrl(shared))
      say(`${ROUNDS} rounds of ${PEOPLE} people, ${CYCLES} approval cycles each, at one process and at two`)
      const { floor, values, ratios } = await interleave(byOne, [byTwo], ROUNDS)
      const waiting = await locks.end()
      return [
        compared('two processes on the processors of one', 'cycles/s', {
          value: values[0] ?? 0,
          floor,
          ratio: ratios[0] ?? 0,
          goal: '≥ 0.9 ×',
        }),
        await lost(storeUrl(shared)),
        plain('statements that wait for a lock another transaction holds, at any moment', 'statements', { value: waiting }),
      ]
    })
  },
}

/** People are spread over the processes; each hears of their conversation where they are, whoever works on it. */
function round(programs: readonly Program[]): () => Promise<number> {
  let count = 0
  return async () => {
    count += 1
    const people = await Promise.all(
      Array.from({ length: PEOPLE }, (_, index) => connect(programs[index % programs.length]?.address ?? '', `round-${count}-${index}`)),
    )
    const startedAt = performance.now()
    await Promise.all(
      people.map(async (person) => {
        for (let cycle = 0; cycle < CYCLES; cycle += 1) await person.say(SAYINGS.pay)
      }),
    )
    const elapsedMs = performance.now() - startedAt
    for (const person of people) person.close()
    return (PEOPLE * CYCLES * 1000) / elapsedMs
  }
}

/** An answer that does not come ends the measurement with an error; what is counted here is what the rows say. */
async function lost(url: string): Promise<Figure> {
  const expected = (ROUNDS + 1) * PEOPLE * CYCLES
  const [row] = await ask(url, "SELECT count(*) AS runs FROM runs WHERE state = 'done'")
  return plain(`runs lost of ${expected}`, 'runs', { value: expected - Number(row?.['runs']), goal: '≤ 0' })
}
