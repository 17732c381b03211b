import { randomUUID } from 'node:crypto'
import { sizeOf } from './databases.ts'
import { talk, tenthTurn } from './disk-and-history.ts'
import { type Figure, compared } from './figure.ts'
import type { DatabaseAt } from './floors/append-log.ts'
import { interleave } from './measure.ts'
import { connect } from './nat-person.ts'
import { park } from './parked.ts'
import { type Program, withPrograms } from './program.ts'
import { SAYINGS } from './script.ts'
import type { StoreClaim } from './store-claim.ts'

const WAITING = 1_000
/** Before memory is counted: the code is compiled, the page cache of the database is full. */
const WARM_UP = 1_000
/** Fewer than of ours alone: LangGraph writes its whole state at each step, so a thousand would take the better part of an hour. */
const TURNS = 200
const ROUNDS = 7

/** What waits and what has been said, kept by ours and by LangGraph with its own checkpointer: memory, disk and the time of a late turn. */
export const langgraph: StoreClaim = {
  name: 'langgraph',
  async measureOn(databases, say) {
    const [ours, theirs] = [await databases.make('ours'), await databases.make('theirs')]
    const starts = [
      { path: 'programs/bench-server', argument: { ...ours } },
      { path: 'programs/langgraph-server', argument: { ...theirs } },
    ]
    return withPrograms(starts, async ([ourProgram, theirProgram]) => {
      if (!ourProgram || !theirProgram) return []
      const [our, their] = [
        { program: ourProgram, database: ours },
        { program: theirProgram, database: theirs },
      ]
      say(`${WAITING} runs wait, without a socket`)
      const waiting = { ours: await parked(our), theirs: await parked(their) }
      say(`${TURNS} turns of one conversation`)
      const spoken = { ours: await late(our), theirs: await late(their) }
      return figures(waiting, spoken)
    })
  },
}

interface Side {
  readonly program: Program
  readonly database: DatabaseAt
}

interface Both<T> {
  readonly ours: T
  readonly theirs: T
}

/** Of each that waits, bytes. */
interface Waiting {
  readonly memory: number
  readonly disk: number
}

/** Bytes of a turn, milliseconds of the tenth and of the last. */
interface Spoken {
  readonly disk: number
  readonly tenthMs: number
  readonly lastMs: number
  readonly ratio: number
}

async function parked({ program, database }: Side): Promise<Waiting> {
  await park(program, WARM_UP, 'warm')
  const [memory, disk] = [await program.memory(), await sizeOf(database)]
  await park(program, WAITING, 'waiting')
  const [memoryAfter, diskAfter] = [await program.memory(), await sizeOf(database)]
  return { memory: (memoryAfter.heap - memory.heap) / WAITING, disk: (diskAfter - disk) / WAITING }
}

async function late({ program, database }: Side): Promise<Spoken> {
  const person = await connect(program.address, randomUUID())
  await talk(person, TURNS / 2)
  const before = await sizeOf(database)
  await talk(person, TURNS / 2)
  const disk = ((await sizeOf(database)) - before) / (TURNS / 2)
  const last = async () => (await person.say(SAYINGS.tell)).lastMs
  const { floor, values, ratios } = await interleave(tenthTurn(program.address), [last], ROUNDS)
  person.close()
  return { disk, tenthMs: floor, lastMs: values[0] ?? Number.NaN, ratio: ratios[0] ?? Number.NaN }
}

function figures(waiting: Both<Waiting>, { ours, theirs }: Both<Spoken>): readonly Figure[] {
  const against = (value: number, floor: number) => ({ value, floor })
  return [
    compared('memory of each that waits, against LangGraph', 'KB', against(waiting.ours.memory / 1024, waiting.theirs.memory / 1024)),
    compared('disk of each that waits, against LangGraph', 'bytes', against(waiting.ours.disk, waiting.theirs.disk)),
    compared(`disk of a turn, ${TURNS / 2} to ${TURNS}, against LangGraph`, 'bytes', against(ours.disk, theirs.disk)),
    compared(`turn ${TURNS}, against LangGraph`, 'ms', against(ours.lastMs, theirs.lastMs)),
    compared(`turn ${TURNS} against turn 10, ours`, 'ms', { value: ours.lastMs, floor: ours.tenthMs, ratio: ours.ratio }),
    compared(`turn ${TURNS} against turn 10, LangGraph`, 'ms', { value: theirs.lastMs, floor: theirs.tenthMs, ratio: theirs.ratio }),
  ]
}
