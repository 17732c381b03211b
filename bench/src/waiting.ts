import { type Figure, compared, plain } from './figure.ts'
import { interleave } from './measure.ts'
import { type NatPerson, connect } from './nat-person.ts'
import { ask, park } from './parked.ts'
import { type Program, withPrograms } from './program.ts'
import { SAYINGS } from './script.ts'
import type { StoreClaim } from './store-claim.ts'

const FEW = 1_000
const MANY = 10_000
/** As long as the interval between two signs of life of a socket. */
const IDLE_MS = 15_000
const ROUNDS = 5
const CYCLES = 100
/** Before anything is counted: the code is compiled, the page cache of the database is full. */
const WARM_UP = 1_000

/** What runs that wait for a person take: memory without and with a socket, processor time, and other people's time. */
export const waiting: StoreClaim = {
  name: 'waiting',
  async measureOn(databases, say) {
    const starts = [
      { path: 'programs/bench-server', argument: { ...(await databases.make('full')) } },
      { path: 'programs/bench-server', argument: { ...(await databases.make('sockets')) } },
      { path: 'programs/bench-server', argument: { ...(await databases.make('empty')) } },
      { path: 'floors/chat-floor', argument: { ...(await databases.make('floor')) } },
    ]
    return withPrograms(starts, async ([full, sockets, empty, floor]) => {
      if (!full || !sockets || !empty || !floor) return []
      say(`${MANY} runs wait, without a socket`)
      const withoutSocket = await rowsOnly(full)
      say(`${FEW} runs wait, with their sockets open`)
      const [people, others] = [await hold(sockets), await hold(floor)]
      say(`nothing happens for ${IDLE_MS / 1000} s`)
      const [idleRows = 0, idleSockets = 0, idleFloor = 0] = await Promise.all([full, sockets, floor].map(idleShare))
      const [atRest, ofNone] = [await full.memory(), await empty.memory()]
      people.leave()
      others.leave()
      say(`${ROUNDS} rounds of ${CYCLES} approval cycles of somebody else, beside none and beside ${MANY} that wait`)
      return [
        ...withoutSocket,
        compared(`waiting without a socket, ${MANY}: the whole process at rest, by one that did nothing yet`, 'MiB', {
          value: atRest.rss / 1024 ** 2,
          floor: ofNone.rss / 1024 ** 2,
          goal: '≤ 100',
        }),
        compared(`waiting with its socket, at ${FEW}: memory of each`, 'KB', {
          value: people.eachKb,
          floor: others.eachKb,
          goal: '≤ 16',
        }),
        plain(`processor time while ${MANY} wait without a socket`, '%', { value: idleRows, goal: '≤ 0.5' }),
        compared(`processor time while ${FEW * 1.5} wait with their sockets`, '%', {
          value: idleSockets,
          floor: idleFloor,
          goal: '≤ 0.5',
        }),
        await othersTime(empty, full),
      ]
    })
  },
}

/** A thousand people are asked and keep their sockets, beside some who came first and pay for what all share. */
async function hold(server: Program): Promise<{ readonly eachKb: number; readonly leave: () => void }> {
  const first = await ask(server, FEW / 2, 'first')
  const before = await server.memory()
  const others = await ask(server, FEW, 'others')
  const after = await server.memory()
  const leave = (): void => {
    for (const person of [...first, ...others]) person.close()
  }
  return { eachKb: (after.heap - before.heap) / others.length / 1024, leave }
}

/** Sockets are closed as soon as the question is there. */
async function rowsOnly(server: Program): Promise<readonly Figure[]> {
  await park(server, WARM_UP, 'warm')
  const before = await server.memory()
  await park(server, FEW, 'few')
  const few = await server.memory()
  await park(server, MANY - FEW - WARM_UP, 'many')
  const many = await server.memory()
  const each = (heap: number, count: number) => ({ value: (heap - before.heap) / count / 1024, goal: '≤ 1' }) as const
  return [
    plain(`waiting without a socket, ${FEW}: memory of each`, 'KB', each(few.heap, FEW)),
    plain(`waiting without a socket, ${MANY}: memory of each`, 'KB', each(many.heap, MANY - WARM_UP)),
  ]
}

/** @returns percent of one processor */
async function idleShare(server: Program): Promise<number> {
  const before = await server.usage()
  const startedAt = performance.now()
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  const after = await server.usage()
  return ((after.processorMs - before.processorMs) * 100) / (performance.now() - startedAt)
}

async function othersTime(empty: Program, full: Program): Promise<Figure> {
  const people = await Promise.all([empty, full].map(({ address }) => connect(address, 'other')))
  const [beside = nothing, besideMany = nothing] = people.map((person) => () => slowOf(person))
  await beside()
  await besideMany()
  const { floor, values, ratios } = await interleave(beside, [besideMany], ROUNDS)
  for (const person of people) person.close()
  const name = `approval cycle of somebody else beside ${MANY} that wait, p95`
  return compared(name, 'ms', { value: values[0] ?? 0, floor, ratio: ratios[0] ?? 0, goal: '≤ 1.5 ×' })
}

/** @returns what 95 of 100 cycles stay below, milliseconds */
async function slowOf(person: NatPerson): Promise<number> {
  const elapsed: number[] = []
  for (let cycle = 0; cycle < CYCLES; cycle += 1) elapsed.push((await person.say(SAYINGS.pay)).lastMs)
  return elapsed.toSorted((left, right) => left - right)[Math.floor(CYCLES * 0.95)] ?? Number.NaN
}

async function nothing(): Promise<number> {
  return 0
}
