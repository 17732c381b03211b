import { type SignInProcess, type SignInWorld, metadata, paths, people, signInWorld, tokenBody } from '@countersign/core/testing'
import { describe, expect, test } from 'vitest'
import { type Fault, anywhere, atTheToken, endless, inTheMetadata } from './faults.ts'
import { type ListeningServer, openPort } from './open-port.ts'

const { ada, grace } = people
/** Longer than a provider may take for one step. */
const PATIENCE_MS = 8_000
/** What was taken beyond the limit of 1 MiB stood in the buffers of two sockets. */
const MOST_BYTES = 16 * 1024 * 1024
const metadataFaults = Object.keys(inTheMetadata(''))

describe('before consent', () => {
  test.each([...Object.keys(anywhere), ...metadataFaults])('a server that %s: the card says so, and a later try succeeds', async (name) => {
    const story = await asked()
    const { world } = story
    const fault = { ...anywhere, ...inTheMetadata(world.server.issuer) }[name]
    await expectProblem(story, fault)
    await expectOthersGoOn(story)
    await expectRecovery(story)
  })

  test('a server that is down: the card says so, and a later try succeeds', async () => {
    const story = await asked()
    await story.listening.down()
    await expectProblem(story)
    await expectOthersGoOn(story)
    await story.listening.up()
    await expectRecovery(story)
  })

  test('a server that answers without end: the card says so, little is read, and a later try succeeds', async () => {
    const story = await asked()
    const fault = endless()
    await expectProblem(story, fault)
    expect(fault.sent()).toBeLessThan(MOST_BYTES)
    await expectOthersGoOn(story)
    await expectRecovery(story)
  })

  test('a server that never comes back: trying again says the same, until the deadline ends the sign-in as expired', async () => {
    const story = await asked()
    const { world, a, runId, listening } = story
    const { id, expiresAt } = await world.question(ada)
    await listening.down()
    await expectProblem(story)
    await expectProblem(story)
    // The same problem is told once.
    expect((await world.events(ada)).filter(({ type }) => type === 'interaction-update')).toHaveLength(1)
    await world.runtime.advance(expiresAt - world.runtime.now())
    await a.runs.tick()
    expect((await world.ended(runId)).state).toBe('done')
    expect(await a.consents.open(id, [ada], undefined)).toEqual({ outcome: 'ended', state: 'expired' })
    const host = new URL(world.server.issuer).host
    expect(world.told()).toEqual([
      { status: 'refused', output: { error: 'expired', message: `The sign-in at ${host} was not finished in time.` } },
    ])
  })
})

describe('after consent', () => {
  test.each(Object.entries({ ...anywhere, ...atTheToken }))(
    'a token endpoint that %s: one clear sentence ends the call, and the run goes on to its end',
    async (_name, fault) => {
      const story = await asked()
      await expectFailure(story, {
        fault,
        error: 'upstream_failed',
        sentence: 'The sign-in failed because HOST did not answer as it should.',
      })
      await expectNextTry(story)
    },
  )

  test('a token endpoint that answers without end: one clear sentence ends the call, and little is read', async () => {
    const story = await asked()
    const fault = endless()
    const before = process.memoryUsage().arrayBuffers
    await expectFailure(story, {
      fault,
      error: 'upstream_failed',
      sentence: 'The sign-in failed because HOST did not answer as it should.',
    })
    expect(fault.sent()).toBeLessThan(MOST_BYTES)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * MOST_BYTES)
    await expectNextTry(story)
  })

  test.each<readonly [string, Failure]>([
    [
      'grants a narrower scope',
      {
        fault: { answer: () => Response.json(tokenBody({ scope: 'other' })) },
        error: 'insufficient_scope',
        sentence: 'HOST granted less than the tool needs.',
      },
    ],
    [
      'does not know the code',
      {
        fault: { answer: () => Response.json({ error: 'invalid_grant' }, { status: 400 }) },
        error: 'invalid_grant',
        sentence: 'HOST did not accept the sign-in.',
      },
    ],
    [
      'does not know the client',
      {
        fault: { answer: () => Response.json({ error: 'invalid_client' }, { status: 401 }) },
        error: 'invalid_client',
        sentence: 'HOST does not accept this application; its operator has to look at the configuration.',
      },
    ],
  ])('a token endpoint that %s: the sentence says so', async (_name, failure) => {
    const story = await asked()
    await expectFailure(story, failure)
    expect(await story.world.rows('credentials')).toHaveLength(1)
    await expectNextTry(story)
  })

  test('a token endpoint that is down: one clear sentence ends the call', async () => {
    const story = await asked()
    const host = new URL(story.world.server.issuer).host
    const { url, flow } = await story.world.agree(story.a, ada)
    await story.listening.down()
    const sentence = `The sign-in failed because ${host} did not answer as it should.`
    expect(await story.a.consents.finish(url, [flow], [ada])).toEqual({ outcome: 'failed', sentence })
    await expectSentence(story, { error: 'upstream_failed', sentence })
    await expectOthersGoOn(story)
    await story.listening.up()
    await expectNextTry(story)
  })
})

/** A fault, and what is to be told of it; HOST stands for the server's. */
interface Failure {
  readonly fault: Fault
  readonly error: string
  readonly sentence: string
}

interface Story {
  readonly world: SignInWorld
  readonly a: SignInProcess
  readonly runId: string
  readonly listening: ListeningServer
}

/** Grace has signed in before, on another process; ada has asked for something that needs a sign-in. */
async function asked(): Promise<Story> {
  const listening = await openPort()
  const { server } = listening
  const world = signInWorld({ server, network: (input, init) => fetch(input, init) })
  const earlier = world.spawn('earlier')
  const ofGrace = await world.say(earlier, grace)
  await world.signIn(earlier, grace)
  await world.ended(ofGrace)
  await earlier.runs.stop(0)
  const a = world.spawn('a')
  return { world, a, runId: await world.say(a, ada), listening }
}

/** The sign-in cannot be opened now, and the person is told so where they can try again. */
async function expectProblem({ world, a }: Story, fault?: Fault): Promise<void> {
  const { id } = await world.question(ada)
  if (fault) world.server.script[paths.oidc] = fault.answer
  const arrival = world.server.arrival(paths.oidc)
  const opened = a.consents.open(id, [ada], undefined)
  if (fault?.isSilent) {
    await arrival
    await world.runtime.advance(PATIENCE_MS)
  }
  const host = new URL(world.server.issuer).host
  const sentence = `The sign-in failed because ${host} did not answer as it should. You can try again.`
  expect(await opened).toEqual({ outcome: 'problem', sentence })
  expect((await world.rows('interactions')).at(-1)).toMatchObject({ id, state: 'pending', problem: sentence })
  const updates = (await world.events(ada)).filter(({ type }) => type === 'interaction-update')
  expect(updates.at(-1)).toMatchObject({ interaction: { id, problem: sentence, state: 'pending' } })
}

/** Trying again leads to the sign-in, which completes; the problem is taken back. */
async function expectRecovery({ world, a, runId }: Story): Promise<void> {
  world.server.script[paths.oidc] = wellBehaved(world)
  await world.signIn(a, ada)
  expect((await world.ended(runId)).state).toBe('done')
  const last = (await world.events(ada)).findLast(({ type }) => type === 'interaction-update')
  expect(last?.type === 'interaction-update' && 'problem' in last.interaction).toBe(false)
  expect(world.told()).toEqual([{ status: 'ok', output: { status: 200, said: '{"meetings":2}' } }])
}

/** The code is sent once; the page, the card, the model and the person are told one sentence, and the run ends. */
async function expectFailure(story: Story, { fault, error, sentence: text }: Failure): Promise<void> {
  const { world, a } = story
  const sentence = text.replace('HOST', new URL(world.server.issuer).host)
  const { url, flow } = await world.agree(a, ada)
  const before = world.server.count(paths.token)
  world.server.script[paths.token] = fault.answer
  const arrival = world.server.arrival(paths.token)
  const finished = a.consents.finish(url, [flow], [ada])
  await arrival
  await expectOthersGoOn(story)
  if (fault.isSilent) await world.runtime.advance(PATIENCE_MS)
  expect(await finished).toEqual({ outcome: 'failed', sentence })
  await expectSentence(story, { error, sentence })
  expect(world.server.count(paths.token)).toBe(before + 1)
  expect(await a.consents.finish(url, [flow], [ada])).toEqual({ outcome: 'ended', state: 'failed' })
  expect(world.server.count(paths.token)).toBe(before + 1)
}

async function expectSentence({ world, runId }: Story, { error, sentence }: { error: string; sentence: string }): Promise<void> {
  expect((await world.ended(runId)).state).toBe('done')
  const closed = (await world.events(ada)).find(({ type }) => type === 'interaction-close')
  expect(closed).toMatchObject({ state: 'failed', sentence })
  const results = world.model.requests.flatMap((messages) => {
    const last = messages.at(-1)
    return last?.role === 'tool' ? last.results : []
  })
  expect(results.filter(({ status }) => status !== 'ok')).toMatchObject([{ status: 'failed', output: { error, message: sentence } }])
  // Nothing of the server's own text, and nothing secret, is written anywhere that people or models read.
  const written = JSON.stringify([await world.events(ada), await world.rows('audits'), world.model.requests, world.runtime.logged])
  for (const inside of ['ECONNREFUSED', 'pool.js', '<script>', 'issued-access-token', 'issued-refresh-token', 'code-2'])
    expect(written).not.toContain(inside)
}

/** Somebody else's run needs nothing of the server and is not held up. */
async function expectOthersGoOn({ world, a }: Story): Promise<void> {
  expect((await world.ended(await world.say(a, grace))).state).toBe('done')
}

/** The person asks anew, and the server behaves. */
async function expectNextTry({ world, a }: Story): Promise<void> {
  world.server.script[paths.token] = () => Response.json(tokenBody())
  const runId = await world.say(a, ada)
  await world.signIn(a, ada)
  expect((await world.ended(runId)).state).toBe('done')
  expect(world.told()).toEqual([{ status: 'ok', output: { status: 200, said: '{"meetings":2}' } }])
  expect(a.runs.heldCount).toBe(0)
}

function wellBehaved({ server }: SignInWorld): () => Response {
  const { issuer } = server
  return () => Response.json(metadata(issuer))
}
