import { storeUrl } from './databases.ts'
import { type Figure, compared } from './figure.ts'
import type { DatabaseAt } from './floors/append-log.ts'
import { interleave } from './measure.ts'
import type { Browser } from './nat-person.ts'
import { ask, comeBack, park } from './parked.ts'
import { type Program, withPrograms } from './program.ts'
import { countersign, firstPrompt } from './served.ts'
import { writeSignInWorkflow } from './sign-in-workflow.ts'
import type { StoreClaim } from './store-claim.ts'

const WAITING = 10_000
const RESUMED = 1_000
const ROUNDS = 3
const STARTS = 5

/** A server that starts on the rows of many who wait, and many who answer it at once. */
export const restart: StoreClaim = {
  name: 'restart',
  async measureOn(databases, say) {
    const full = await databases.make('waiting')
    const ours = { path: 'programs/bench-server', argument: { ...full } }
    say(`${WAITING} runs wait as the server is ended`)
    const before = await withPrograms(
      [ours],
      async ([server]) => server && { address: server.address, parked: await park(server, WAITING, 'waiting') },
    )
    if (!before) return []
    const start = await startTime({ empty: await databases.make('empty'), full }, say)
    const floor = { path: 'floors/chat-floor', argument: { ...(await databases.make('floor')) } }
    const again = { ...ours, argument: { ...full, port: Number(new URL(before.address).port) } }
    return withPrograms([floor, again], async ([bare, server]) => {
      if (!bare || !server) return []
      say(`${ROUNDS} rounds of ${RESUMED} people who answer the new server at once, and as many the floor`)
      return [start, await resumeTime({ bare, server }, before.parked)]
    })
  },
}

async function startTime(databases: { empty: DatabaseAt; full: DatabaseAt }, say: (progress: string) => void): Promise<Figure> {
  const prompt = (database: DatabaseAt) => async () => {
    const config = writeSignInWorkflow(`${database.file}.start.yml`, { store: storeUrl(database) })
    const command = [countersign, 'serve', '--config_file', config, '--port', '0', '--log_level', 'error']
    return (await firstPrompt(command, { question: 'Who am I?', frames: ['system_interaction_message'] })).elapsedMs
  }
  const [empty, full] = [prompt(databases.empty), prompt(databases.full)]
  await empty()
  say(`${STARTS} starts each on an empty database and on that of ${WAITING} that wait`)
  const { floor, values, ratios } = await interleave(empty, [full], STARTS)
  const name = `start to first prompt with ${WAITING} that wait, by an empty start`
  return compared(name, 'ms', { value: values[0] ?? 0, floor, ratio: ratios[0] ?? 0, goal: '≤ 1.2 ×' })
}

async function resumeTime({ bare, server }: { bare: Program; server: Program }, parked: readonly Browser[]): Promise<Figure> {
  let round = 0
  const floorTime = async (): Promise<number> => {
    round += 1
    return answerAll(await ask(bare, RESUMED, `round-${round}`))
  }
  let taken = 0
  const ourTime = async (): Promise<number> => {
    taken += RESUMED
    return answerAll(await comeBack(server, parked.slice(taken - RESUMED, taken)))
  }
  const { floor, values, ratios } = await interleave(floorTime, [ourTime], ROUNDS)
  const name = `resume of ${RESUMED} after a restart, all answered at once`
  return compared(name, 'ms', { value: values[0] ?? 0, floor, ratio: ratios[0] ?? 0, goal: '≤ 2 ×' })
}

/** @returns how long it took until everybody had their whole answer, milliseconds */
async function answerAll(people: Awaited<ReturnType<typeof ask>>): Promise<number> {
  const startedAt = performance.now()
  await Promise.all(people.map((person) => person.approve()))
  const elapsedMs = performance.now() - startedAt
  for (const person of people) person.close()
  return elapsedMs
}
