import { expect, test } from 'vitest'
import { paths, tokenBody } from '../providers/hostile-server.ts'
import { gate } from '../testing/gate.ts'
import { people } from '../testing/people.ts'
import { type SignInProcess, type SignInWorld, signInWorld } from '../testing/sign-in-world.ts'
import { settled } from '../testing/virtual-runtime.ts'

const { ada } = people
/** Tokens last five minutes, are over ten seconds before that, and are renewed up to a minute earlier. */
const [SOON_OVER, OVER] = [(300 - 10 - 60) * 1000, (300 - 10) * 1000]

test('a token that is soon over is renewed while calls go on with it, and nobody waits', async () => {
  const { world, a, call } = await connected()
  const answer = gate()
  world.server.script[paths.token] = async () => (await answer.opened, Response.json(tokenBody({ access_token: 'renewed' })))
  await world.runtime.advance(SOON_OVER - 1)
  expect(await call()).toBe('first')
  expect(world.server.count(paths.token)).toBe(1)
  await world.runtime.advance(1)
  expect([await call(), await call()]).toEqual(['first', 'first'])
  expect(world.server.count(paths.token)).toBe(2)
  answer.open()
  await a.vault.settled()
  expect(await call()).toBe('renewed')
  expect(world.server.count(paths.token)).toBe(2)
})

test('a server that stops waits for a token that is being renewed, also when no call does', async () => {
  const { world, a, call } = await connected()
  const answer = gate()
  const arrival = world.server.arrival(paths.token)
  world.server.script[paths.token] = async () => (await answer.opened, Response.json(tokenBody({ access_token: 'renewed' })))
  await world.runtime.advance(SOON_OVER)
  await call()
  await arrival
  let isStopped = false
  const stopped = a.runs.stop(8_000).then(() => (isStopped = true))
  await settled()
  expect(isStopped).toBe(false)
  answer.open()
  await stopped
  expect(await world.rows('credentials')).toMatchObject([{ refreshUntil: 0, version: 3 }])
})

test('a token server that cannot be reached costs nobody their sign-in: calls go on while the token lasts, then fail, then go on again', async () => {
  const outage = { isThere: false }
  const { world, call, ended } = await connected(outage)
  outage.isThere = true
  await world.runtime.advance(SOON_OVER)
  expect(await call()).toBe('first')
  await world.runtime.advance(OVER - SOON_OVER)
  expect(await ended()).toMatchObject({ status: 'failed', output: { error: 'upstream_failed' } })
  expect(await world.rows('credentials')).toMatchObject([{ refreshUntil: 0 }])
  outage.isThere = false
  world.server.script[paths.token] = () => Response.json(tokenBody({ access_token: 'renewed' }))
  expect(await call()).toBe('renewed')
  expect(await world.rows('interactions')).toHaveLength(1)
})

test('two processes that see a token that is soon over renew it once', async () => {
  const { world, call } = await connected()
  const b = world.spawn('b')
  world.server.script[paths.token] = () => Response.json(tokenBody({ access_token: 'renewed' }))
  await world.runtime.advance(SOON_OVER)
  await Promise.all([call(), call(b)])
  await settled()
  expect(world.server.count(paths.token)).toBe(2)
})

/** Ada has signed in, and has called once. */
async function connected(outage = { isThere: false }): Promise<{
  world: SignInWorld
  a: SignInProcess
  call: (process?: SignInProcess) => Promise<string | undefined>
  ended: () => Promise<unknown>
}> {
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', syscall: 'connect' })
  const world = signInWorld({
    network: async (input, init) => {
      if (outage.isThere) throw new TypeError('fetch failed', { cause: refused })
      return world.server.answer(new Request(input, init))
    },
  })
  const { server } = world
  server.script[paths.token] = () => Response.json(tokenBody({ access_token: 'first' }))
  const a = world.spawn('a')
  const first = await world.say(a, ada)
  await world.signIn(a, ada)
  await world.ended(first)
  const ended = async (process = a): Promise<unknown> => {
    const runId = await world.say(process, ada)
    await world.ended(runId)
    return (await world.rows('calls')).find((row) => row.runId === runId)
  }
  const call = async (process = a): Promise<string | undefined> => {
    await ended(process)
    return world.api.tokens.at(-1)
  }
  return { world, a, call, ended }
}
