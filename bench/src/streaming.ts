import { join } from 'node:path'
import { type Against, type Claim, compared, plain } from './figure.ts'
import { interleave, median } from './measure.ts'
import { type Exchange, connect } from './nat-person.ts'
import { type Program, withPrograms } from './program.ts'
import { SAYINGS } from './script.ts'
import { inFolder } from './workspace.ts'

const ROUNDS = 5

/** A reply, how many tokens it has, and how many people ask for it at once. */
interface Reply {
  readonly saying: string
  readonly tokens: number
  readonly people: number
}

/** As much as the server can do: bursts of tokens. */
const LONG: Reply = { saying: SAYINGS.stream, tokens: 2_000, people: 8 }
/** Each token comes by itself, and there are enough people that the server is never without one. */
const DRIP: Reply = { saying: SAYINGS.drip, tokens: 200, people: 64 }

/** Replies streamed to some people at once: ours joins what comes within a short time into one frame and keeps it; made not to join, it sends a frame a token as the floor does. */
export const streaming: Claim = {
  name: 'streaming',
  measure: (say) =>
    inFolder((folder) => {
      const starts = [
        { path: 'floors/chat-floor', argument: { file: join(folder, 'floor.db') } },
        { path: 'programs/bench-server', argument: { file: join(folder, 'joined.db') } },
        { path: 'programs/bench-server', argument: { file: join(folder, 'single.db'), deltaGatherMs: 0 } },
      ]
      return withPrograms(starts, async ([floor, joining, single]) => {
        if (!floor || !joining || !single) return []
        say(`${ROUNDS} rounds each of floor and ours, ${LONG.people} people at once, bursts of tokens`)
        const joined = await compare(floor, joining, LONG)
        say(`${ROUNDS} rounds each of floor and ours, ${DRIP.people} people at once, a frame a token`)
        const frames = await compare(floor, single, DRIP)
        return [
          compared('streaming, tokens joined', 'tokens/s', { ...joined.rate, goal: '≥ 5 ×' }),
          plain('streaming, tokens joined: added time to the first frame', 'ms', { value: joined.addedMs, goal: '≤ 40' }),
          compared('streaming, a frame a token', 'tokens/s', { ...frames.rate, goal: '≥ 0.9 ×' }),
          compared('streaming, a frame a token, frames of a token', 'frames', frames.framesPerToken),
          compared('streaming, a frame a token, processor time of a thousand', 'ms', frames.processorMs),
        ]
      })
    }),
}

/** What two servers made of a reply: ours is the value, the other the floor. */
interface Streamed {
  readonly rate: Against
  readonly framesPerToken: Against
  /** For a thousand tokens. */
  readonly processorMs: Against
  readonly addedMs: number
}

async function compare(floor: Program, ours: Program, reply: Reply): Promise<Streamed> {
  const [floorRounds, ourRounds]: [Round[], Round[]] = [[], []]
  const measurement = (program: Program, rounds: Round[]) => async () => {
    const round = await stream(program, reply)
    rounds.push(round)
    return round.rate
  }
  await stream(ours, reply)
  const { floor: rate, values, ratios } = await interleave(measurement(floor, floorRounds), [measurement(ours, ourRounds)], ROUNDS)
  const middle = (rounds: readonly Round[], figure: keyof Round): number => median(rounds.map((round) => round[figure]))
  const both = (figure: keyof Round): Against => ({ value: middle(ourRounds, figure), floor: middle(floorRounds, figure) })
  return {
    rate: { value: values[0] ?? 0, floor: rate, ratio: ratios[0] ?? 0 },
    framesPerToken: both('framesPerToken'),
    processorMs: both('processorMs'),
    addedMs: middle(ourRounds, 'firstMs') - middle(floorRounds, 'firstMs'),
  }
}

interface Round {
  /** Tokens per second. */
  readonly rate: number
  readonly framesPerToken: number
  readonly processorMs: number
  readonly firstMs: number
}

let conversations = 0

async function stream(program: Program, { saying, tokens, people: count }: Reply): Promise<Round> {
  const people = await Promise.all(
    Array.from({ length: count }, () => {
      conversations += 1
      return connect(program.address, `stream-${conversations}`)
    }),
  )
  const before = await program.usage()
  const startedAt = performance.now()
  const exchanges = await Promise.all(people.map((person) => person.say(saying)))
  const elapsedMs = performance.now() - startedAt
  const after = await program.usage()
  for (const person of people) person.close()
  const all = count * tokens
  const sum = (figure: keyof Exchange): number => exchanges.reduce((total, exchange) => total + exchange[figure], 0)
  return {
    rate: (all * 1000) / elapsedMs,
    // The last frame of an answer carries no text.
    framesPerToken: (sum('frames') - count) / all,
    processorMs: ((after.processorMs - before.processorMs) * 1000) / all,
    firstMs: median(exchanges.map(({ firstMs }) => firstMs)),
  }
}
