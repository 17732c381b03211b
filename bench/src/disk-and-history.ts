import { randomUUID } from 'node:crypto'
import { type Databases, sizeOf } from './databases.ts'
import { compared, plain } from './figure.ts'
import { openLog } from './floors/append-log.ts'
import { interleave } from './measure.ts'
import { type NatPerson, connect } from './nat-person.ts'
import { withPrograms } from './program.ts'
import { SAYINGS, TOKENS } from './script.ts'
import type { StoreClaim } from './store-claim.ts'

const TURNS = 1_000
const ROUNDS = 15

/** A thousand turns of twenty tokens in one conversation: what they take on disk, and what the next one takes in time. */
export const diskAndHistory: StoreClaim = {
  name: 'disk-and-history',
  async measureOn(databases, say) {
    const database = await databases.make('ours')
    return withPrograms([{ path: 'programs/bench-server', argument: { ...database } }], async ([ours]) => {
      if (!ours) return []
      say(`${TURNS} turns of one conversation`)
      // As long as those that clients make up: it stands in many rows.
      const long = await connect(ours.address, randomUUID())
      await talk(long, 100)
      const [at100, floorAt100] = [await sizeOf(database), await floorSize(databases, 100)]
      await talk(long, (TURNS - 100) / 2)
      const atMiddle = await sizeOf(database)
      await talk(long, (TURNS - 100) / 2)
      const [atEnd, floorAtEnd] = [await sizeOf(database), await floorSize(databases, TURNS)]
      say(`turn 10 and turn ${TURNS} in turns, ${ROUNDS} rounds`)
      const { floor, values, ratios } = await interleave(
        tenthTurn(ours.address),
        [async () => (await long.say(SAYINGS.tell)).lastMs],
        ROUNDS,
      )
      long.close()
      const perTurn = { value: (atEnd - at100) / (TURNS - 100), floor: (floorAtEnd - floorAt100) / (TURNS - 100) }
      return [
        compared('disk of a turn', 'bytes', { ...perTurn, goal: '≤ 1536' }),
        // Linear, but for whole pages and a level more in a tree.
        plain('disk of the second half of the turns by that of the first', 'times', {
          value: (atEnd - atMiddle) / (atMiddle - at100),
          goal: '≤ 1.1',
        }),
        compared(`turn ${TURNS} against turn 10`, 'ms', { value: values[0] ?? 0, floor, ratio: ratios[0] ?? 0, goal: '≤ 1.3 ×' }),
      ]
    })
  },
}

/** Lets somebody speak so many times, and hears every answer. */
export async function talk(person: NatPerson, turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await person.say(SAYINGS.tell)
}

/** Each time a conversation of its own. @returns how long its tenth turn took, milliseconds */
export function tenthTurn(address: string): () => Promise<number> {
  return async () => {
    const person = await connect(address, randomUUID())
    await talk(person, 9)
    const { lastMs } = await person.say(SAYINGS.tell)
    person.close()
    return lastMs
  }
}

/** The same messages in one table and nothing else, bytes. */
async function floorSize(databases: Databases, turns: number): Promise<number> {
  const database = await databases.make(`floor-${turns}`)
  const log = await openLog(database)
  const conversation = randomUUID()
  const appended: Promise<void>[] = []
  for (let turn = 0; turn < turns; turn += 1) {
    appended.push(log.append(conversation, JSON.stringify({ role: 'user', text: SAYINGS.tell })))
    appended.push(log.append(conversation, JSON.stringify({ role: 'assistant', text: TOKENS.join('') })))
  }
  await Promise.all(appended)
  await log.close()
  return sizeOf(database)
}
