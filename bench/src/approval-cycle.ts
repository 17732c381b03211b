import { type Figure, compared, plain } from './figure.ts'
import { type Measurement, interleave, median } from './measure.ts'
import { type NatPerson, connect } from './nat-person.ts'
import { type Program, withPrograms } from './program.ts'
import { SAYINGS } from './script.ts'
import type { StoreClaim } from './store-claim.ts'

const ROUNDS = 5
/** Cycles of one conversation: further ones would measure how long a history each side keeps and reads. */
const CYCLES = 8
/** How many conversations a round has after one another: half a second of work, or more. */
const SIZES = [
  { atOnce: 1, inTurn: 12, goals: { scripted: '≥ 400', langchain: '≥ 250' } },
  { atOnce: 64, inTurn: 1, goals: { scripted: '≥ 1000', langchain: '≥ 600' } },
] as const

/** Message → the model calls a tool → the policy asks → answer → result → twenty tokens, on the real server over NAT's messages; and on LangGraph. */
export const approvalCycle: StoreClaim = {
  name: 'approval-cycle',
  async measureOn(databases, say) {
    const starts = [
      { path: 'floors/chat-floor', argument: { ...(await databases.make('floor')) } },
      { path: 'floors/chat-floor', argument: { ...(await databases.make('joined')), tokensPerFrame: 20 } },
      { path: 'programs/bench-server', argument: { ...(await databases.make('ours')) } },
      { path: 'programs/bench-server', argument: { ...(await databases.make('langchain')), model: 'chain' } },
      { path: 'programs/langgraph-server', argument: { ...(await databases.make('langgraph')) } },
    ]
    return withPrograms(starts, async (programs) => {
      const benches = programs.map((program): Bench => ({ program, processorMs: [], round: 0 }))
      say('warming up')
      for (const bench of benches) await cycles(bench, { atOnce: 8, inTurn: 3 })
      const figures: Figure[] = []
      for (const size of SIZES) {
        say(
          `${size.atOnce} at once: ${ROUNDS} rounds each of floor, floor with joined tokens, ours, ours with a LangChain model, LangGraph`,
        )
        figures.push(...(await compare(benches, size)))
      }
      return [...figures, ...(await costs(programs[2]))]
    })
  },
}

interface Bench {
  readonly program: Program
  /** Of the server, per cycle, one figure a round. */
  processorMs: number[]
  round: number
}

interface Size {
  readonly atOnce: number
  readonly inTurn: number
}

async function compare(benches: readonly Bench[], { goals, ...size }: (typeof SIZES)[number]): Promise<readonly Figure[]> {
  for (const bench of benches) bench.processorMs = []
  const [floor = nothing, ...rivals] = benches.map(
    (bench): Measurement =>
      () =>
        cycles(bench, size),
  )
  const rates = await interleave(floor, rivals, ROUNDS)
  const [joined = 0, scripted = 0, langchain = 0, langgraph = 0] = rates.values
  const [joinedRatio = 0, scriptedRatio = 0, langchainRatio = 0, langgraphRatio = 0] = rates.ratios
  const [floorMs = 0, , scriptedMs = 0, langchainMs = 0, langgraphMs = 0] = benches.map(({ processorMs }) => median(processorMs))
  const at = `approval cycle, ${size.atOnce} at once`
  return [
    compared(at, 'cycles/s', { value: scripted, floor: rates.floor, ratio: scriptedRatio, goal: goals.scripted }),
    compared(`${at}, floor joins its tokens`, 'cycles/s', { value: scripted, floor: joined, ratio: scriptedRatio / joinedRatio }),
    compared(`${at}, LangChain model`, 'cycles/s', { value: langchain, floor: rates.floor, ratio: langchainRatio, goal: goals.langchain }),
    compared(`${at}, LangChain model, against LangGraph`, 'cycles/s', {
      value: langchain,
      floor: langgraph,
      ratio: langchainRatio / langgraphRatio,
    }),
    compared(`${at}, against LangGraph`, 'cycles/s', { value: scripted, floor: langgraph, ratio: scriptedRatio / langgraphRatio }),
    compared(`${at}, processor time`, 'ms', { value: scriptedMs, floor: floorMs }),
    compared(`${at}, LangChain model, processor time`, 'ms', { value: langchainMs, floor: floorMs }),
    compared(`${at}, processor time, against LangGraph`, 'ms', { value: scriptedMs, floor: langgraphMs }),
  ]
}

/** One round: fresh sessions with a conversation each. @returns cycles per second */
async function cycles(bench: Bench, { atOnce, inTurn }: Size): Promise<number> {
  bench.round += 1
  const { program, round } = bench
  const people = await Promise.all(
    Array.from({ length: atOnce * inTurn }, (_, index) => connect(program.address, `round-${round}-${index}`)),
  )
  const queues = Array.from({ length: atOnce }, (_, index) => people.slice(index * inTurn, (index + 1) * inTurn))
  const before = await program.usage()
  const startedAt = performance.now()
  await Promise.all(queues.map((queue) => oneAfterAnother(queue)))
  const elapsedMs = performance.now() - startedAt
  const after = await program.usage()
  const count = people.length * CYCLES
  bench.processorMs.push((after.processorMs - before.processorMs) / count)
  for (const person of people) person.close()
  return (count * 1000) / elapsedMs
}

async function oneAfterAnother(people: readonly NatPerson[]): Promise<void> {
  for (const person of people) await talk(person, CYCLES)
}

async function talk(person: NatPerson, count: number): Promise<void> {
  for (let cycle = 0; cycle < count; cycle += 1) await person.say(SAYINGS.pay)
}

/** Commits and statements of one cycle, without the scheduler's looks: as much time without a cycle tells how many those were. */
async function costs(program: Program | undefined): Promise<readonly Figure[]> {
  if (!program) return []
  const person = await connect(program.address, 'counted')
  await talk(person, 10)
  const [before, startedAt] = [await statsOf(program), performance.now()]
  await talk(person, 100)
  const after = await statsOf(program)
  await new Promise((resolve) => setTimeout(resolve, performance.now() - startedAt))
  const idle = await statsOf(program)
  person.close()
  const each = (count: keyof Stats): number => (2 * after[count] - before[count] - idle[count]) / 100
  return [
    plain('approval cycle, commits', 'commits', { value: each('commits'), goal: '≤ 6' }),
    plain('approval cycle, statements', 'statements', { value: each('statements'), goal: '≤ 45' }),
  ]
}

interface Stats {
  readonly commits: number
  readonly statements: number
}

async function statsOf(program: Program): Promise<Stats> {
  return (await program.ask('stats')) as object as Stats // `bench-server` answers so
}

async function nothing(): Promise<number> {
  return 0
}
