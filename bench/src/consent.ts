import { join } from 'node:path'
import { type Claim, compared } from './figure.ts'
import { bareExchange } from './floors/bare-exchange.ts'
import { type Measurement, interleave, median } from './measure.ts'
import { withPrograms } from './program.ts'
import { type Returned, withSignIns } from './sign-ins.ts'
import { inFolder } from './workspace.ts'

const ROUNDS = 7
const SIGN_INS = 25
const SESSIONS = 1_000

/** From the callback to a sealed token, against the protocol library alone; and what a thousand sessions with one expired token ask for. */
export const consent: Claim = {
  name: 'consent',
  measure: (say) =>
    inFolder((folder) =>
      withPrograms([{ path: 'programs/token-endpoint' }], async ([endpoint]) => {
        if (!endpoint) return []
        const bare = await bareExchange(endpoint.address)
        return withSignIns({ file: join(folder, 'ours.db'), issuer: endpoint.address }, async (signIns) => {
          const floor: Measurement = async () => {
            const elapsed: number[] = []
            for (let index = 0; index < SIGN_INS; index += 1) elapsed.push(await bare.exchange())
            return median(elapsed)
          }
          const ours: Measurement = async () => {
            const prepared: Returned[] = []
            for (let index = 0; index < SIGN_INS; index += 1) prepared.push(await signIns.prepare())
            const elapsed: number[] = []
            for (const returned of prepared) elapsed.push(await signIns.finish(returned))
            return median(elapsed)
          }
          say(`${ROUNDS} rounds of ${SIGN_INS} exchanges each of floor and ours`)
          await floor()
          await ours()
          const { floor: floorMs, values, ratios } = await interleave(floor, [ours], ROUNDS)
          say(`${SESSIONS} sessions of one person whose token has expired`)
          await signIns.finish(await signIns.prepare('many'))
          signIns.letTokensExpire()
          const before = Number(await endpoint.ask('refreshes'))
          await Promise.all(Array.from({ length: SESSIONS }, () => signIns.askApi('many')))
          const refreshes = Number(await endpoint.ask('refreshes')) - before
          return [
            compared('consent: exchange, ID token, seal, store', 'ms', {
              value: values[0] ?? 0,
              floor: floorMs,
              ratio: ratios[0] ?? 0,
              goal: '≤ 1.3 ×',
            }),
            compared(`refresh requests of ${SESSIONS} sessions`, 'requests', { value: refreshes, floor: 1, goal: '≤ 1' }),
          ]
        })
      }),
    ),
}
