import { join } from 'node:path'
import { type Claim, type Figure, compared, plain } from './figure.ts'
import { type Measurement, interleave, median } from './measure.ts'
import { type NatPerson, connect } from './nat-person.ts'
import { type Program, withPrograms } from './program.ts'
import { SAYINGS } from './script.ts'
import { inFolder } from './workspace.ts'

const ROUNDS = 5
/** Cycles of one session in one round: together about half a second of work. */
const SIZES = [
  { sessions: 1, cycles: 100, goals: { scripted: '≥ 400', langchain: '≥ 250' } },
  { sessions: 64, cycles: 8, goals: { scripted: '≥ 1000', langchain: '≥ 600' } },
] as const

/** Message → the model calls a tool → the policy asks → answer → result → twenty tokens, on the real server over NAT's messages. */
export const approvalCycle: Claim = {
  name: 'approval-cycle',
  measure: (say) =>
    inFolder((folder) => {
      const starts = [
        { path: 'floors/chat-floor', argument: { file: join(folder, 'floor.db') } },
        { path: 'floors/chat-floor', argument: { file: join(folder, 'joined.db'), tokensPerFrame: 20 } },
        { path: 'programs/bench-server', argument: { file: join(folder, 'ours.db') } },
        { path: 'programs/bench-server', argument: { file: join(folder, 'langchain.db'), model: 'chain' } },
      ]
      return withPrograms(starts, async (programs) => {
        const benches = programs.map((program): Bench => ({ program, processorMs: [], round: 0 }))
        say('warming up')
        for (const bench of benches) await cycles(bench, { sessions: 8, cycles: 25 })
        const figures: Figure[] = []
        for (const size of SIZES) {
          say(`${size.sessions} at once: ${ROUNDS} rounds each of floor, floor with joined tokens, ours, ours with a LangChain model`)
          figures.push(...(await compare(benches, size)))
        }
        return [...figures, ...(await costs(programs[2]))]
      })
    }),
}

interface Bench {
  readonly program: Program
  /** Of the server, per cycle, one figure a round. */
  processorMs: number[]
  round: number
}

interface Size {
  readonly sessions: number
  readonly cycles: number
}

async function compare(benches: readonly Bench[], { goals, ...size }: (typeof SIZES)[number]): Promise<readonly Figure[]> {
  for (const bench of benches) bench.processorMs = []
  const [floor = nothing, ...rivals] = benches.map(
    (bench): Measurement =>
      () =>
        cycles(bench, size),
  )
  const rates = await interleave(floor, rivals, ROUNDS)
  const [joined = 0, scripted = 0, langchain = 0] = rates.values
  const [joinedRatio = 0, scriptedRatio = 0, langchainRatio = 0] = rates.ratios
  const [floorMs = 0, , scriptedMs = 0, langchainMs = 0] = benches.map(({ processorMs }) => median(processorMs))
  const at = `approval cycle, ${size.sessions} at once`
  return [
    compared(at, 'cycles/s', { value: scripted, floor: rates.floor, ratio: scriptedRatio, goal: goals.scripted }),
    compared(`${at}, floor joins its tokens`, 'cycles/s', { value: scripted, floor: joined, ratio: scriptedRatio / joinedRatio }),
    compared(`${at}, LangChain model`, 'cycles/s', { value: langchain, floor: rates.floor, ratio: langchainRatio, goal: goals.langchain }),
    compared(`${at}, processor time`, 'ms', { value: scriptedMs, floor: floorMs }),
    compared(`${at}, LangChain model, processor time`, 'ms', { value: langchainMs, floor: floorMs }),
  ]
}

/** One round: fresh sessions with a conversation each. @returns cycles per second */
async function cycles(bench: Bench, { sessions, cycles: count }: Size): Promise<number> {
  bench.round += 1
  const { program, round } = bench
  const people = await Promise.all(Array.from({ length: sessions }, (_, index) => connect(program.address, `round-${round}-${index}`)))
  const before = await program.usage()
  const startedAt = performance.now()
  await Promise.all(people.map((person) => talk(person, count)))
  const elapsedMs = performance.now() - startedAt
  const after = await program.usage()
  bench.processorMs.push((after.processorMs - before.processorMs) / (sessions * count))
  for (const person of people) person.close()
  return (sessions * count * 1000) / elapsedMs
}

async function talk(person: NatPerson, count: number): Promise<void> {
  for (let cycle = 0; cycle < count; cycle += 1) await person.say(SAYINGS.pay)
}

/** Commits and statements of one cycle; the scheduler's looks, once a second, are among them. */
async function costs(program: Program | undefined): Promise<readonly Figure[]> {
  if (!program) return []
  const person = await connect(program.address, 'counted')
  await talk(person, 10)
  const before = await statsOf(program)
  await talk(person, 100)
  const after = await statsOf(program)
  person.close()
  return [
    plain('approval cycle, commits', 'commits', { value: (after.commits - before.commits) / 100, goal: '≤ 6' }),
    plain('approval cycle, statements', 'statements', { value: (after.statements - before.statements) / 100, goal: '≤ 45' }),
  ]
}

async function statsOf(program: Program): Promise<{ readonly commits: number; readonly statements: number }> {
  return (await program.ask('stats')) as { commits: number; statements: number }
}

async function nothing(): Promise<number> {
  return 0
}
