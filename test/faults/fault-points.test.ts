import {
  type Cut,
  type Mortal,
  type SignInProcess,
  type SignInWorld,
  mortal,
  paths,
  people,
  signInWorld,
  tokenBody,
  until,
} from '@countersign/core/testing'
import { describe, expect, test } from 'vitest'

const { ada } = people
/** Longer than a lease and than the deadline of an exchange, shorter than a question lives. */
const LATER_MS = 25_000
const MESSAGE = 'message-of-the-story'
const TOKEN_REQUEST = `request to ${paths.token}`

const again = {
  exchange: 'The sign-in at login.example was interrupted before it was finished. Please sign in again.',
  refresh: 'Renewing the earlier sign-in at login.example was interrupted; nobody knows whether it went through.',
} as const

/** Who goes on: another process, once the deadlines have passed, or the only one, which knows that nobody else holds anything. */
const takeovers = ['another process', 'a restart'] as const
type Takeover = (typeof takeovers)[number]

/** What the person sees: granted with what they have already done, or asked again, with the reason. */
type Outcome = 'granted' | (typeof again)[keyof typeof again]

/** From a code taken to a token kept, nobody knows whether the code was used. */
const signIn: readonly (readonly [string, Outcome, Outcome])[] = [
  ['start', 'granted', 'granted'],
  ['reply', 'granted', 'granted'],
  ['authorization-waiting', 'granted', 'granted'],
  ['consent', 'granted', 'granted'],
  ['consent-open', 'granted', 'granted'],
  ['callback-take', 'granted', again.exchange],
  [TOKEN_REQUEST, again.exchange, again.exchange],
  ['granted', again.exchange, 'granted'],
  ['claim', 'granted', 'granted'],
  ['vault-read', 'granted', 'granted'],
  ['tool-result', 'granted', 'granted'],
  ['reply', 'granted', 'granted'],
]

/** From a refresh token taken to its successor kept, nobody knows whether it was used. */
const refresh: readonly (readonly [string, Outcome, Outcome])[] = [
  ['start', 'granted', 'granted'],
  ['reply', 'granted', 'granted'],
  ['vault-read', 'granted', 'granted'],
  ['refresh-take', 'granted', again.refresh],
  [TOKEN_REQUEST, again.refresh, again.refresh],
  ['refresh-put', again.refresh, 'granted'],
  ['tool-result', 'granted', 'granted'],
  ['reply', 'granted', 'granted'],
]

describe('a process that dies during a sign-in', () => {
  test('passes these points', async () => {
    const { world, life, process } = await beforeSignIn(mortal(paths.token))
    const runId = await play(world, process)
    await world.ended(runId)
    expect(life.points).toEqual(signIn.map(([name]) => name))
  })

  test.each(cases(signIn))('$side $name ($point), then $takeover: $expected', async ({ side, point, takeover, expected }) => {
    const { world, life, process } = await beforeSignIn(mortal(paths.token, { point, side }))
    await expectOutcome(world, { life, process, takeover, expected })
  })
})

describe('a process that dies during a refresh', () => {
  test('passes these points', async () => {
    const { world, life, process } = await beforeRefresh(mortal(paths.token))
    const runId = await play(world, process)
    await world.ended(runId)
    expect(life.points).toEqual(refresh.map(([name]) => name))
  })

  test.each(cases(refresh))('$side $name ($point), then $takeover: $expected', async ({ side, point, takeover, expected }) => {
    const { world, life, process } = await beforeRefresh(mortal(paths.token, { point, side }))
    await expectOutcome(world, { life, process, takeover, expected })
  })
})

interface Case extends Cut {
  readonly name: string
  readonly takeover: Takeover
  readonly expected: Outcome
}

function cases(points: readonly (readonly [string, Outcome, Outcome])[]): readonly Case[] {
  return points.flatMap(([name, before, after], point) =>
    takeovers.flatMap((takeover): Case[] => [
      { side: 'before', name, point, takeover, expected: before },
      { side: 'after', name, point, takeover, expected: after },
    ]),
  )
}

async function beforeSignIn(life: Mortal): Promise<{ world: SignInWorld; life: Mortal; process: SignInProcess }> {
  const world = signInWorld()
  oneUseOnly(world)
  return { world, life, process: world.spawn('dying', life) }
}

/** The person signed in an hour ago; their token has ended since. */
async function beforeRefresh(life: Mortal): Promise<{ world: SignInWorld; life: Mortal; process: SignInProcess }> {
  const world = signInWorld()
  oneUseOnly(world)
  const earlier = world.spawn('earlier')
  const runId = await world.say(earlier, ada)
  await world.signIn(earlier, ada)
  await world.ended(runId)
  await earlier.runs.stop(0)
  await world.runtime.advance(3_600_000)
  return { world, life, process: world.spawn('dying', life) }
}

/** An authorization server that takes every code and every refresh token once, as it should. */
function oneUseOnly({ server }: SignInWorld): void {
  const used = new Set<string>()
  let issued = 0
  server.script[paths.token] = (form) => {
    const secret = form.get('code') ?? form.get('refresh_token') ?? ''
    if (used.has(secret)) return Response.json({ error: 'invalid_grant' }, { status: 400 })
    used.add(secret)
    issued += 1
    return Response.json(tokenBody({ access_token: `access-${issued}`, refresh_token: `refresh-${issued}` }))
  }
}

/** The person asks and, when asked, signs in. @returns the run */
async function play(world: SignInWorld, process: SignInProcess): Promise<string> {
  const runId = await world.say(process, ada)
  const isAsked = (await world.rows('credentials')).length === 0
  if (isAsked) await world.signIn(process, ada)
  return runId
}

interface Death {
  readonly life: Mortal
  readonly process: SignInProcess
  readonly takeover: Takeover
  readonly expected: Outcome
}

/** The process dies; a second one on the same store finishes with a patient person. */
async function expectOutcome(world: SignInWorld, { life, process, takeover, expected }: Death): Promise<void> {
  const browser: Browser = { callback: undefined }
  void playInBrowser(world, process, browser).catch(() => undefined)
  await life.death
  const reasons = await finishWith(world, { next: world.spawn('next'), takeover, browser })
  expect(reasons).toEqual(expected === 'granted' ? [] : [expected])
  expect(world.told()).toEqual([{ status: 'ok', output: { status: 200, said: '{"meetings":2}' } }])
  const sent = world.server.requests.flatMap(({ form }) => [...form.getAll('code'), ...form.getAll('refresh_token')])
  expect(sent).toEqual([...new Set(sent)])
  expect((await world.rows('authorizations')).filter(({ state }) => state === 'exchanging' || state === 'requested')).toEqual([])
}

/** What a browser still has when the server behind it dies. */
interface Browser {
  callback: { readonly url: URL; readonly flow: string } | undefined
}

async function playInBrowser(world: SignInWorld, process: SignInProcess, browser: Browser): Promise<void> {
  await world.say(process, ada, MESSAGE)
  browser.callback = await world.agree(process, ada)
  await process.consents.finish(browser.callback.url, [browser.callback.flow], [ada])
}

/** Reloads the callback, sends the same message again, and signs in once more if asked. @returns why they were asked again */
async function finishWith(
  world: SignInWorld,
  { next, takeover, browser }: { next: SignInProcess; takeover: Takeover; browser: Browser },
): Promise<readonly string[]> {
  const { callback } = browser
  const reload = async (): Promise<unknown> => callback && next.consents.finish(callback.url, [callback.flow], [ada])
  await reload()
  if (takeover === 'a restart') await next.runs.releaseAll()
  else await world.runtime.advance(LATER_MS)
  await next.runs.tick()
  await world.say(next, ada, MESSAGE)
  const reasons: string[] = []
  for (let open = await atRest(world); open; open = await atRest(world)) {
    if (open.again !== null) reasons.push(open.again)
    await world.signIn(next, ada)
  }
  return reasons
}

/** The question that is open when nothing goes on any more without the person; none: every run has ended. */
async function atRest(world: SignInWorld): Promise<{ readonly again: string | null } | undefined> {
  const seen = await until(world.store, async () => {
    const runs = await world.rows('runs')
    const open = (await world.rows('interactions')).find(({ state }) => state === 'pending')
    return open || runs.every(({ endedAt }) => endedAt !== null) ? { open } : undefined
  })
  return seen.open
}
