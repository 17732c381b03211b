import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { AuthProvider } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { Message } from '../protocol/message.ts'
import { credentialsOf, runEnded, waitsOf } from '../testing/phone-world.ts'
import { answer, askPaths, pending, type PollAnswer, pollingWorld, slowDown } from '../testing/polling-world.ts'
import { scriptedModel } from '../testing/scripted-model.ts'
import { until } from '../testing/until.ts'
import { createWorld, type World } from '../testing/world.ts'
import { defineTool } from '../tool/tool.ts'
import { ciba } from './ciba.ts'
import { deviceCode } from './device-code.ts'
import { issued, paths, tokenBody } from './hostile-server.ts'
import { hostileClient } from './hostile-sign-in.ts'

const entry = { client_id: hostileClient.id, client_secret: hostileClient.secret, issuer: 'https://login.example' }
const phone = ciba.create(ciba.config.parse(entry), { name: 'asked' })
const terminal = deviceCode.create(deviceCode.config.parse(entry), { name: 'asked' })

const denied = 'The request was denied on the other device.'
const late = 'Nobody answered the request on the other device in time.'
const gone = 'The request on the other device is no longer valid.'
const misconfigured = 'login.example does not accept this application; its operator has to look at the configuration.'
const notOffered = 'login.example does not offer what the tool asks for.'
const unfinished = 'login.example could not finish the request.'
const unclear = 'The sign-in failed because login.example did not answer as it should.'
const wrongCode = "login.example asks for a code of the person's own, which is missing or wrong."

/** What the server says; its answer, where that is not the error of this name with 400; the authorization then; what the model is told. */
type Row = readonly [said: string, says: PollAnswer | undefined, authorization: string, told: string, sentence: string]

const challenge: PollAnswer = () => new Response(null, { status: 401, headers: { 'www-authenticate': 'Basic realm="login"' } })
const unauthorized: PollAnswer = answer('invalid_client', { status: 401 })

// What is imported when first needed takes real time, in which no virtual time should pass.
beforeAll(() => Promise.all([import('./ciba-steps.ts'), import('./device-code-steps.ts')]))

describe('a request on another device, of which the token endpoint says', () => {
  test.each<Row>([
    ['access_denied', undefined, 'denied: access_denied', 'refused: access_denied', denied],
    ['access_denied with 403', answer('access_denied', { status: 403 }), 'denied: access_denied', 'refused: access_denied', denied],
    ['expired_token', undefined, 'expired: expired', 'refused: expired', late],
    ['invalid_grant', undefined, 'failed: invalid_grant', 'failed: invalid_grant', gone],
    ['invalid_client in JSON', unauthorized, 'failed: invalid_client', 'failed: invalid_client', misconfigured],
    ['invalid_client by a challenge', challenge, 'failed: invalid_client', 'failed: invalid_client', misconfigured],
    ['unauthorized_client', undefined, 'failed: unauthorized_client', 'failed: unauthorized_client', misconfigured],
    ['invalid_request', undefined, 'failed: invalid_request', 'failed: invalid_request', misconfigured],
    ['invalid_target', undefined, 'failed: invalid_target', 'failed: invalid_target', notOffered],
    ['invalid_scope', undefined, 'failed: invalid_scope', 'failed: invalid_scope', notOffered],
    ['transaction_failed', undefined, 'failed: transaction_failed', 'failed: transaction_failed', unfinished],
    ['out_of_coffee', undefined, 'failed: upstream_failed', 'failed: upstream_failed', unclear],
  ])('%s', async (...[said, says = answer(said), authorization, told, sentence]) => {
    const end = await played(phone, { polls: [says] })
    expect(end).toMatchObject({ authorization, question: questionAfter(authorization), told: { is: told, sentence }, polls: 1 })
    expectNothingDone(end)
  })

  test('invalid_grant at the end of its time has expired', async () => {
    const end = await played(phone, { polls: [answer('invalid_grant')], acknowledgement: { expires_in: 5.5 } })
    expect(end).toMatchObject({ authorization: 'expired: expired', question: 'expired', told: { is: 'refused: expired', sentence: late } })
    expectNothingDone(end)
  })

  test('pending, however often, has expired at its deadline by our clock', async () => {
    const end = await played(phone, { polls: [pending()], acknowledgement: { expires_in: 12 } })
    expect(end).toMatchObject({ authorization: 'expired: expired', question: 'expired', told: { is: 'refused: expired' }, polls: 2 })
    expectNothingDone(end)
  })

  test('pending and slow_down is waited for, ever longer, and what then comes is used', async () => {
    const end = await played(phone, { polls: [pending(), slowDown(), () => Response.json(tokenBody())] })
    expect(end).toMatchObject({ authorization: 'granted: null', question: 'answered', told: { is: 'ok: "done"' }, polls: 3, asked: 1 })
    expect(end.executed).toEqual([`Bearer ${issued.accessToken}`])
    expect(end.waits).toEqual(['waiting 5', 'waiting 5', 'slowed_down 10'])
  })

  test('less than the tool needs is a failure, and nothing is done with what was given', async () => {
    const end = await played(phone, { polls: [() => Response.json(tokenBody({ scope: 'openid' }))], auth: { scopes: ['read'] } })
    expect(end).toMatchObject({
      authorization: 'failed: insufficient_scope',
      question: 'failed',
      told: { is: 'failed: insufficient_scope', sentence: 'Less was approved on the other device than the tool needs.' },
      polls: 1,
    })
    expectNothingDone(end)
  })
})

describe('a request on another device, that the backchannel endpoint does not send because of', () => {
  test.each<Row>([
    ['unknown_user_id', undefined, 'failed: unknown_user_id', 'failed: unknown_user_id', 'login.example knows nobody by that name.'],
    [
      'invalid_binding_message',
      undefined,
      'failed: invalid_binding_message',
      'failed: invalid_binding_message',
      'login.example does not show the message that would go with the request.',
    ],
    [
      'expired_login_hint_token',
      undefined,
      'failed: expired_login_hint_token',
      'failed: expired_login_hint_token',
      'What told login.example whom to ask is too old.',
    ],
    ['missing_user_code', undefined, 'failed: missing_user_code', 'failed: missing_user_code', wrongCode],
    ['invalid_user_code', undefined, 'failed: invalid_user_code', 'failed: invalid_user_code', wrongCode],
    [
      'access_denied with 403',
      answer('access_denied', { status: 403 }),
      'denied: access_denied',
      'refused: access_denied',
      'login.example does not let this be asked.',
    ],
    ['invalid_request', undefined, 'failed: invalid_request', 'failed: invalid_request', misconfigured],
    ['invalid_client in JSON', unauthorized, 'failed: invalid_client', 'failed: invalid_client', misconfigured],
    ['invalid_client by a challenge', challenge, 'failed: invalid_client', 'failed: invalid_client', misconfigured],
    ['unauthorized_client', undefined, 'failed: unauthorized_client', 'failed: unauthorized_client', misconfigured],
    ['invalid_scope', undefined, 'failed: invalid_scope', 'failed: invalid_scope', notOffered],
    ['out_of_coffee', undefined, 'failed: upstream_failed', 'failed: upstream_failed', unclear],
  ])('%s', async (...[said, says = answer(said), authorization, told, sentence]) => {
    const end = await played(phone, { ask: says })
    // Nobody was asked: there is no question that could end.
    expect(end).toMatchObject({ authorization, question: 'none', told: { is: told, sentence }, polls: 0, waits: [] })
    expectNothingDone(end)
  })
})

describe('a code to be typed, of which the token endpoint says', () => {
  test.each<Row>([
    ['access_denied', undefined, 'denied: access_denied', 'refused: access_denied', 'You declined to sign in at login.example.'],
    ['expired_token', undefined, 'expired: expired', 'refused: expired', 'The sign-in at login.example was not finished in time.'],
    ['invalid_grant', undefined, 'failed: invalid_grant', 'failed: invalid_grant', 'login.example did not accept the sign-in.'],
    ['invalid_client by a challenge', challenge, 'failed: invalid_client', 'failed: invalid_client', misconfigured],
    [
      'less than the tool needs',
      () => Response.json(tokenBody({ scope: 'write' })),
      'failed: insufficient_scope',
      'failed: insufficient_scope',
      'login.example granted less than the tool needs.',
    ],
  ])('%s', async (...[said, says = answer(said), authorization, told, sentence]) => {
    const end = await played(terminal, { polls: [says], auth: { scopes: ['read'] } })
    expect(end).toMatchObject({ authorization, question: questionAfter(authorization), told: { is: told, sentence }, polls: 1 })
    expectNothingDone(end)
  })
})

/** How a question ends is how its authorization did, in the words of questions. */
function questionAfter(authorization: string): string {
  return authorization.replace(/^denied/, 'declined').replace(/:.*/, '')
}

/** What a server says, to a tool that needs this. */
interface Story {
  readonly polls?: readonly PollAnswer[]
  readonly acknowledgement?: object
  /** In place of the acknowledgement. */
  readonly ask?: PollAnswer
  readonly auth?: Partial<AuthRequirement>
}

/** One call of a tool behind this provider, from the message to the end of its run, and what everybody knows of it then. */
async function played(provider: AuthProvider, { polls = [], acknowledgement, ask, auth }: Story) {
  const { server, runtime } = pollingWorld(polls, acknowledgement)
  if (ask !== undefined) server.script[askPaths.backchannel] = ask
  const executed: (string | null)[] = []
  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    if (new URL(request.url).origin === server.issuer) return server.answer(request)
    executed.push(request.headers.get('authorization'))
    return new Response('done')
  }
  const work = defineTool({
    name: 'work',
    description: 'Works.',
    input: z.object({}),
    auth: { provider: 'asked', loginHint: 'john', ...auth },
    execute: async (_input: unknown, context) => (await context.fetch('https://api.example/')).text(),
  })
  const model = scriptedModel((messages) => (messages.at(-1)?.role === 'user' ? [{ call: 'work' }] : ['Done.']))
  const world = createWorld({ model, tools: [work], providers: new Map([['asked', provider]]), runtime: { ...runtime, fetch } })
  const runId = await world.say('Go')
  await until(world.store, async () => (await world.openQuestions()).at(0)?.id ?? (await world.run(runId)).endedAt ?? undefined)
  await runEnded(world, runId)
  return {
    ...(await recordedIn(world)),
    told: toldTo(model.requests.at(-1)?.at(-1)),
    executed,
    polls: server.count(paths.token),
    asked: server.count(askPaths.backchannel) + server.count(askPaths.device),
    shown: JSON.stringify([model.requests, await world.events()]),
    logged: JSON.stringify(runtime.logged),
  }
}

/** The authorization and its question as their rows say, what is in the vault, and what was told of the waits, in seconds. */
async function recordedIn(world: World) {
  const [authorizations, questions] = await world.store.transact('rows', (transaction) =>
    Promise.all([transaction.find('authorizations', {}), transaction.find('interactions', {})]),
  )
  const [first] = authorizations
  let before = first?.createdAt ?? 0
  const waits = (await waitsOf(world)).flatMap((event) => {
    if (event.type !== 'authorization-wait') return []
    const { phase, nextPollAt } = event.wait
    const seconds = Math.round((nextPollAt - before) / 1000)
    before = nextPollAt
    return [`${phase} ${seconds}`]
  })
  return {
    authorization: authorizations.map(({ state, failureCode }) => `${state}: ${failureCode}`).join(),
    question: questions.map(({ state }) => state).join() || 'none',
    vault: (await credentialsOf(world)).length,
    waits,
  }
}

type Played = Awaited<ReturnType<typeof played>>

/** Nobody was asked twice, the tool did nothing, nothing is kept, and neither the server's own words nor any secret is shown. */
function expectNothingDone({ asked, executed, vault, shown, logged }: Played): void {
  expect({ asked, executed, vault }).toEqual({ asked: 1, executed: [], vault: 0 })
  const hidden = [hostileClient.secret, issued.accessToken, issued.refreshToken, 'request-1', 'words of the server']
  expect(hidden.filter((text) => `${shown}${logged}`.includes(text))).toEqual([])
  // Which code of its own a server sent is for its operator alone.
  expect(shown).not.toContain('out_of_coffee')
}

/** The one result of the model's one call. */
function toldTo(message: Message | undefined): { readonly is: string; readonly sentence: string } {
  const [result] = message?.role === 'tool' ? message.results : []
  const refused = z.object({ error: z.string(), message: z.string() }).safeParse(result?.output)
  if (refused.success) return { is: `${result?.status}: ${refused.data.error}`, sentence: refused.data.message }
  return { is: `${result?.status}: ${JSON.stringify(result?.output)}`, sentence: '' }
}
