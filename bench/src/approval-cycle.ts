import { join } from 'node:path'
import { type Claim, type Figure, compared, plain } from './figure.ts'
import { type Measurement, interleave, median } from './measure.ts'
import { type NatPerson, connect } from './nat-person.ts'
import { type Program, startProgram } from './program.ts'
import { inFolder } from './workspace.ts'

const ROUNDS = 5
/** Cycles of one session in one round, by the number of sessions: about half a second of work. */
const SIZES = [
  { sessions: 1, cycles: 200 },
  { sessions: 64, cycles: 10 },
] as const

/** Message → the model calls a tool → the policy asks → answer → result → twenty tokens, on the real server over NAT's messages. */
export const approvalCycle: Claim = {
  name: 'approval-cycle',
  measure: (say) =>
    inFolder(async (folder) => {
      const programs: Program[] = []
      const start = async (path: Parameters<typeof startProgram>[0], argument: Record<string, string | number>): Promise<Bench> => {
        const program = await startProgram(path, { file: join(folder, `${programs.length}.db`), ...argument })
        programs.push(program)
        return { program, processorMs: [], round: 0 }
      }
      try {
        const floor = await start('floors/approval-floor', { framesPerReply: 20 })
        const joined = await start('floors/approval-floor', { framesPerReply: 1 })
        const scripted = await start('programs/approval-server', { model: 'scripted' })
        const langchain = await start('programs/approval-server', { model: 'langchain' })
        const benches = [floor, joined, scripted, langchain]
        say('warming up')
        for (const bench of benches) await cycles(bench, { sessions: 8, cycles: 25 })
        const figures: Figure[] = []
        for (const size of SIZES) figures.push(...(await compare(benches, size, say)))
        return [...figures, ...(await costs(scripted))]
      } finally {
        for (const program of programs) await program.stop()
      }
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

async function compare(benches: readonly Bench[], size: Size, say: (progress: string) => void): Promise<readonly Figure[]> {
  say(
    `${size.sessions} ${size.sessions === 1 ? 'session' : 'sessions'}: ${ROUNDS} rounds of floor, joined floor, ours, ours with LangChain`,
  )
  const [floor, ...rivals] = benches.map((bench): Measurement => {
    bench.processorMs = []
    return () => cycles(bench, size)
  })
  if (!floor) return []
  const rates = await interleave(floor, rivals, ROUNDS)
  const [joinedRate = 0, ...ours] = rates.values
  const [floorMs = 0, , ...oursMs] = benches.map(({ processorMs }) => median(processorMs))
  const at = `at ${size.sessions}`
  const names = ['approval cycles', 'approval cycles, LangChain model']
  return names.flatMap((name, index) => [
    compared(`${name}, ${at}`, 'cycles/s', { value: ours[index] ?? 0, floor: rates.floor, ratio: rates.ratios[index + 1] ?? 0 }),
    ...(index === 0 ? [compared(`${name}, ${at}, floor with joined tokens`, 'cycles/s', { value: ours[0] ?? 0, floor: joinedRate })] : []),
    compared(`processor time, ${name}, ${at}`, 'ms/cycle', { value: oursMs[index] ?? 0, floor: floorMs }),
  ])
}

/** One round: fresh sessions with a conversation each. @returns cycles per second */
async function cycles(bench: Bench, { sessions, cycles: count }: Size): Promise<number> {
  bench.round += 1
  const { program } = bench
  const people = await Promise.all(
    Array.from({ length: sessions }, (_, index) => connect(program.address, `round-${bench.round}-${index}-${sessions}`)),
  )
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
  for (let cycle = 0; cycle < count; cycle += 1) await person.say('Pay Bob 50')
}

/** Commits and statements of one cycle, counted over some of them; a look of the scheduler may fall in between. */
async function costs({ program }: Bench): Promise<readonly Figure[]> {
  const person = await connect(program.address, 'counted')
  await talk(person, 10)
  const before = await stats(program)
  await talk(person, 100)
  const after = await stats(program)
  person.close()
  return [
    plain('commits of a cycle', 'commits', (after.commits - before.commits) / 100),
    plain('statements of a cycle', 'statements', (after.statements - before.statements) / 100),
  ]
}

async function stats(program: Program): Promise<{ commits: number; statements: number }> {
  return (await program.ask('stats')) as { commits: number; statements: number }
}
