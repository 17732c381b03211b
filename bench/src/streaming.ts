import { join } from 'node:path'
import { type Claim, compared, plain } from './figure.ts'
import { type Measurement, interleave, median } from './measure.ts'
import { connect } from './nat-person.ts'
import { type Program, withPrograms } from './program.ts'
import { SAYINGS } from './programs/bench-workflow.ts'
import { inFolder } from './workspace.ts'

const ROUNDS = 5
const SESSIONS = 8
/** As many as `longReply` has. */
const TOKENS_PER_REPLY = 2_000

/** Replies of two thousand tokens, streamed to some people at once: the floor sends a frame a token, ours joins what comes within a short time. */
export const streaming: Claim = {
  name: 'streaming',
  measure: (say) =>
    inFolder((folder) => {
      const starts = [
        { path: 'floors/chat-floor', argument: { file: join(folder, 'floor.db') } },
        { path: 'programs/bench-server', argument: { file: join(folder, 'ours.db') } },
      ]
      return withPrograms(starts, async ([floor, ours]) => {
        if (!floor || !ours) return []
        const firsts = new Map<Program, number[]>([floor, ours].map((program) => [program, []]))
        const measurement = (program: Program): Measurement => {
          let round = 0
          return () => stream(program, { round: (round += 1), firstMs: firsts.get(program) ?? [] })
        }
        say(`${ROUNDS} rounds each of floor and ours, ${SESSIONS} people at once`)
        const measureOurs = measurement(ours)
        await measureOurs()
        const { floor: floorRate, values, ratios } = await interleave(measurement(floor), [measureOurs], ROUNDS)
        const [floorFirst = 0, oursFirst = 0] = [floor, ours].map((program) => median(firsts.get(program) ?? []))
        return [
          compared('streaming, tokens joined', 'tokens/s', { value: values[0] ?? 0, floor: floorRate, ratio: ratios[0] ?? 0 }),
          plain('streaming, added time to the first frame', 'ms', oursFirst - floorFirst),
        ]
      })
    }),
}

/** @returns tokens per second */
async function stream(program: Program, { round, firstMs }: { round: number; firstMs: number[] }): Promise<number> {
  const people = await Promise.all(Array.from({ length: SESSIONS }, (_, index) => connect(program.address, `stream-${round}-${index}`)))
  const startedAt = performance.now()
  const exchanges = await Promise.all(people.map((person) => person.say(SAYINGS.stream)))
  const elapsedMs = performance.now() - startedAt
  firstMs.push(median(exchanges.map((exchange) => exchange.firstMs)))
  for (const person of people) person.close()
  return (SESSIONS * TOKENS_PER_REPLY * 1000) / elapsedMs
}
