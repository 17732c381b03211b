import { statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { type Claim, compared, plain } from './figure.ts'
import { GroupCommit } from './floors/group-commit.ts'
import { interleave } from './measure.ts'
import { type NatPerson, connect } from './nat-person.ts'
import { withPrograms } from './program.ts'
import { SAYINGS, TOKENS } from './script.ts'
import { inFolder } from './workspace.ts'

const TURNS = 1_000
const ROUNDS = 15
/** As long as those that clients make up: it stands in many rows. */
const CONVERSATION = '6f1c2f0e-8a51-4c5e-9a55-2b7a1d0c3e4f'

/** A thousand turns of twenty tokens in one conversation: what they take on disk, and what the next one takes in time. */
export const diskAndHistory: Claim = {
  name: 'disk-and-history',
  measure: (say) =>
    inFolder((folder) => {
      const file = join(folder, 'ours.db')
      return withPrograms([{ path: 'programs/bench-server', argument: { file } }], async ([ours]) => {
        if (!ours) return []
        say(`${TURNS} turns of one conversation`)
        const long = await connect(ours.address, CONVERSATION)
        await talk(long, 100)
        const [at100, floorAt100] = [sizeOf(file), await floorSize(join(folder, 'floor-100.db'), 100)]
        await talk(long, (TURNS - 100) / 2)
        const atMiddle = sizeOf(file)
        await talk(long, (TURNS - 100) / 2)
        const [atEnd, floorAtEnd] = [sizeOf(file), await floorSize(join(folder, 'floor-1000.db'), TURNS)]
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
    }),
}

async function talk(person: NatPerson, turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await person.say(SAYINGS.tell)
}

/** Each time a conversation of its own. @returns how long its tenth turn took, milliseconds */
function tenthTurn(address: string): () => Promise<number> {
  let count = 0
  return async () => {
    count += 1
    const person = await connect(address, `short-${count}`)
    await talk(person, 9)
    const { lastMs } = await person.say(SAYINGS.tell)
    person.close()
    return lastMs
  }
}

/** What the database takes once its write-ahead log is in it, bytes. */
function sizeOf(file: string): number {
  const database = new Database(file)
  database.pragma('wal_checkpoint(TRUNCATE)')
  database.close()
  return statSync(file).size
}

/** The same messages in one table and nothing else, bytes. */
async function floorSize(file: string, turns: number): Promise<number> {
  const log = new GroupCommit(file)
  const appended: Promise<void>[] = []
  for (let turn = 0; turn < turns; turn += 1) {
    appended.push(log.append(CONVERSATION, JSON.stringify({ role: 'user', text: SAYINGS.tell })))
    appended.push(log.append(CONVERSATION, JSON.stringify({ role: 'assistant', text: TOKENS.join('') })))
  }
  await Promise.all(appended)
  log.close()
  return statSync(file).size
}
