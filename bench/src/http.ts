import { join } from 'node:path'
import { type Claim, compared, open } from './figure.ts'
import { requestRate } from './many-requests.ts'
import { interleave, median } from './measure.ts'
import { connect } from './nat-person.ts'
import { type Program, withPrograms } from './program.ts'
import { inFolder } from './workspace.ts'

const ROUNDS = 5
const REQUESTS = 6_000
const CONNECTIONS = 16

/** `GET /api/me` with a session that is known: two reads and a small answer. */
export const http: Claim = {
  name: 'http',
  measure: (say) =>
    inFolder((folder) => {
      const starts = [
        { path: 'floors/bare-hono', argument: { file: join(folder, 'floor.db') } },
        { path: 'programs/bench-server', argument: { file: join(folder, 'ours.db') } },
      ]
      return withPrograms(starts, async ([floor, ours]) => {
        if (!floor || !ours) return []
        const person = await connect(ours.address, 'http')
        const [floorMs, oursMs]: [number[], number[]] = [[], []]
        const [measureFloor, measureOurs] = [requests(floor, 'session=bench', floorMs), requests(ours, person.cookie, oursMs)]
        await measureFloor()
        await measureOurs()
        say(`${ROUNDS} rounds of ${REQUESTS} requests over ${CONNECTIONS} connections each of floor and ours`)
        const { floor: rate, values, ratios } = await interleave(measureFloor, [measureOurs], ROUNDS)
        person.close()
        return [
          compared('JSON of /api/me', 'requests/s', { value: values[0] ?? 0, floor: rate, ratio: ratios[0] ?? 0, goal: '≥ 0.8 ×' }),
          compared('JSON of /api/me, processor time of a thousand', 'ms', { value: median(oursMs), floor: median(floorMs) }),
          open('server-sent events', '≥ 0.8 ×', 'no such transport yet'),
        ]
      })
    }),
}

function requests(program: Program, cookie: string, processorMs: number[]): () => Promise<number> {
  return async () => {
    const before = await program.usage()
    const rate = await requestRate(program.address, { path: '/api/me', cookie, connections: CONNECTIONS, requests: REQUESTS })
    const after = await program.usage()
    processorMs.push(((after.processorMs - before.processorMs) * 1000) / REQUESTS)
    return rate
  }
}
