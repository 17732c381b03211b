import { expect, test } from 'vitest'
import type { JsonValue } from '../protocol/json.ts'
import { paths, tokenBody } from '../providers/hostile-server.ts'
import { gate } from '../testing/gate.ts'
import { people } from '../testing/people.ts'
import { scriptedModel } from '../testing/scripted-model.ts'
import { API, type SignInProcess, type SignInWorld, signInWorld } from '../testing/sign-in-world.ts'
import type { ToolContext } from './tool.ts'

const { ada } = people
const insufficient = (scope: string): Response =>
  new Response('more is needed', { status: 403, headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${scope}"` } })

test('the token of the sign-in goes to the API, and only to it', async () => {
  const { world, runId } = await signedIn()
  await world.ended(runId)
  expect(world.api.tokens).toEqual(['access-1'])
})

test('a 401 leads to one refresh and one retry', async () => {
  const { world, runId } = await signedIn({ api: (token) => new Response(null, { status: token === 'access-1' ? 401 : 204 }) })
  await world.ended(runId)
  expect(world.api.tokens).toEqual(['access-1', 'access-2'])
  expect(grantsOf(world)).toEqual(['authorization_code', 'refresh_token'])
  expect(world.told()).toMatchObject([{ status: 'ok', output: { status: 204 } }])
})

test('a 401 after the retry asks the person again, with the reason; their new sign-in is used', async () => {
  const { world, a, runId } = await signedIn({ api: (token) => new Response(null, { status: token === 'access-3' ? 204 : 401 }) })
  expect((await world.question(ada)).again).toBe('login.example no longer accepts the earlier sign-in.')
  await world.signIn(a, ada)
  await world.ended(runId)
  expect(world.api.tokens).toEqual(['access-1', 'access-2', 'access-3'])
  expect(world.told()).toMatchObject([{ output: { status: 204 } }])
})

test('an API that refuses every token is asked with three sign-ins at most; then the tool gets its answer', async () => {
  const { world, a, runId } = await signedIn({ api: () => new Response(null, { status: 401 }) })
  await world.signIn(a, ada)
  await world.signIn(a, ada)
  await world.ended(runId)
  expect(await world.rows('authorizations')).toHaveLength(3)
  expect(world.told()).toMatchObject([{ status: 'ok', output: { status: 401 } }])
})

test('a person who declines to sign in again is not asked a third time; the tool gets the 401', async () => {
  const { world, a, runId } = await signedIn({ api: () => new Response(null, { status: 401 }) })
  await decline(world, a)
  await world.ended(runId)
  expect(await world.rows('interactions')).toHaveLength(2)
  expect(world.told()).toMatchObject([{ status: 'ok', output: { status: 401 } }])
})

test.each<readonly [string, () => Response, string]>([
  [
    'a grant that is gone',
    () => Response.json({ error: 'invalid_grant' }, { status: 400 }),
    'login.example no longer accepts the earlier sign-in.',
  ],
  [
    'an outcome nobody knows',
    () => new Response(null, { status: 500 }),
    'Renewing the earlier sign-in at login.example was interrupted; nobody knows whether it went through.',
  ],
])('a refresh that ends with %s asks the person again and says why', async (_name, answer, again) => {
  const { world, a, runId } = await signedIn({
    api: (token) => new Response(null, { status: token === 'access-1' ? 401 : 204 }),
    refresh: answer,
  })
  expect((await world.question(ada)).again).toBe(again)
  await world.signIn(a, ada)
  await world.ended(runId)
  expect(world.told()).toMatchObject([{ status: 'ok', output: { status: 204 } }])
  expect(grantsOf(world).filter((grant) => grant === 'refresh_token')).toHaveLength(1)
})

test('a missing scope asks for what was granted and what is missing together', async () => {
  const { world, a, runId } = await signedIn({
    api: (token) => (token === 'access-1' ? insufficient('write read') : new Response('written')),
  })
  const { again, question } = await world.question(ada)
  expect(again).toBe('login.example asks for more than was granted before.')
  expect(question.kind === 'oauth_consent' && question.consent.scopes).toEqual(['read', 'write'])
  await world.signIn(a, ada)
  await world.ended(runId)
  expect(world.told()).toMatchObject([{ output: { status: 200, said: 'written' } }])
  expect(await world.rows('credentials')).toMatchObject([{ scopes: ['read', 'write'] }])
})

test('a missing scope that shows only after the retry asks for more as well', async () => {
  const answers: Record<string, () => Response> = {
    'access-1': () => new Response(null, { status: 401 }),
    'access-2': () => insufficient('write'),
  }
  const { world, a, runId } = await signedIn({ api: (token) => answers[token]?.() ?? new Response('written') })
  expect((await world.question(ada)).again).toContain('asks for more')
  await world.signIn(a, ada)
  await world.ended(runId)
  expect(world.api.tokens).toEqual(['access-1', 'access-2', 'access-3'])
})

test('a person who declines to grant more: the tool gets the 403, and nothing is asked again', async () => {
  const { world, a, runId } = await signedIn({ api: () => insufficient('write') })
  await decline(world, a)
  await world.ended(runId)
  expect(world.told()).toMatchObject([{ status: 'ok', output: { status: 403, said: 'more is needed' } }])
  expect(await world.rows('interactions')).toHaveLength(2)
  expect(await world.rows('credentials')).toMatchObject([{ scopes: ['read'] }])
})

test('an API that always wants more is answered with three sign-ins at most', async () => {
  let wanted = 0
  const { world, a, runId } = await signedIn({ api: () => insufficient(`scope-${(wanted += 1)}`) })
  await world.signIn(a, ada)
  await world.signIn(a, ada)
  await world.ended(runId)
  expect(await world.rows('authorizations')).toHaveLength(3)
  expect(world.told()).toMatchObject([{ output: { status: 403 } }])
})

test.each<readonly [string, Response]>([
  ['a 403 of another kind', new Response('no', { status: 403, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } })],
  ['a 403 that names no scope', new Response('no', { status: 403, headers: { 'www-authenticate': 'Bearer error="insufficient_scope"' } })],
  ['a 403 without a challenge', new Response('no', { status: 403 })],
  ['a 400 with a challenge', new Response('no', { status: 400, headers: insufficient('write').headers })],
  ['a redirect', new Response('no', { status: 302, headers: { location: 'https://mallory.example/' } })],
])('the tool gets %s as it is', async (_name, response) => {
  const { world, runId } = await signedIn({ api: () => response })
  await world.ended(runId)
  expect(world.told()).toMatchObject([{ output: { status: response.status, said: 'no' } }])
  expect(world.api.tokens).toHaveLength(1)
})

test.each([
  ['a missing scope', (): Response => insufficient('write'), 403],
  ['a refused token', (): Response => new Response(null, { status: 401 }), 401],
])('once something other than a GET went out, %s stops nothing: the tool gets the answer', async (_name, refusal, status) => {
  const { world, runId } = await signedIn({
    api: (_token, { method }) => (method === 'POST' ? new Response('paid') : refusal()),
    work: async ({ fetch }) => {
      const paid = await fetch(`${API}/pay`, { method: 'POST', body: '50' })
      return [paid.status, (await fetch(`${API}/today`)).status]
    },
  })
  await world.ended(runId)
  expect(world.told()).toEqual([{ status: 'ok', output: [200, status] }])
  expect(await world.rows('interactions')).toHaveLength(1)
})

test('a POST that is still on its way when a GET is refused stops nothing either', async () => {
  const [sent, refused] = [gate(), gate()]
  const { world, runId } = await signedIn({
    api: async (_token, { method }) => {
      if (method === 'POST') {
        sent.open()
        await refused.opened
        return new Response('paid')
      }
      await sent.opened
      return insufficient('write')
    },
    work: async ({ fetch }) => {
      const get = fetch(`${API}/today`)
      const post = fetch(`${API}/pay`, { method: 'POST' })
      const { status } = await get
      refused.open()
      return [status, (await post).status]
    },
  })
  await world.ended(runId)
  expect(world.told()).toEqual([{ status: 'ok', output: [403, 200] }])
})

test('a POST that was itself refused for its token has changed nothing: the person is asked, and it goes out again', async () => {
  const { world, a, runId } = await signedIn({
    api: (token) => (token === 'access-1' ? insufficient('write') : new Response('paid')),
    work: async ({ fetch }) => (await fetch(`${API}/pay`, { method: 'POST', body: '50' })).status,
  })
  await world.signIn(a, ada)
  await world.ended(runId)
  expect(world.told()).toEqual([{ status: 'ok', output: 200 }])
})

test('a body that can be sent only once is not sent twice: the tool gets the 401', async () => {
  const { world, runId } = await signedIn({
    api: () => new Response(null, { status: 401 }),
    work: async ({ fetch }) => (await fetch(new Request(`${API}/pay`, { method: 'POST', body: '50' }))).status,
  })
  await world.ended(runId)
  expect(world.told()).toEqual([{ status: 'ok', output: 401 }])
  expect(grantsOf(world)).toEqual(['authorization_code'])
})

test.each(['http://api.example/', 'http://localhost.mallory.example/', 'http://127.0.0.1.mallory.example/', 'http://10.0.0.1/'])(
  'a token is not sent to %s',
  async (address) => {
    const { world, runId } = await signedIn({ work: async ({ fetch }) => (await fetch(address)).status })
    await world.ended(runId)
    expect(world.told()).toEqual([{ status: 'failed', output: { error: 'invalid_request', message: '"calendar" failed.' } }])
    expect(world.server.requests.map(({ path }) => path)).toEqual([paths.oidc, paths.token])
  },
)

test.each(['http://localhost:5001/api', 'http://127.0.0.1:5001/api', 'http://[::1]:5001/api'])('a token may go to %s', async (address) => {
  const { world, runId } = await signedIn({ work: async ({ fetch }) => (await fetch(address)).status })
  await world.ended(runId)
  const last = world.server.requests.at(-1)
  expect([last?.path, last?.headers.get('authorization')]).toEqual(['/api', 'Bearer access-1'])
})

test("the tool's own deadline ends its request", async () => {
  const arrived = gate()
  const { world, runId } = await signedIn({
    api: (_token, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
        arrived.open()
      }),
    work: async ({ fetch }) => {
      const deadline = new AbortController()
      const answer = fetch(`${API}/today`, { signal: deadline.signal }).then(
        () => 'answered',
        (error: unknown) => String(error),
      )
      await arrived.opened
      deadline.abort('too slow')
      return answer
    },
  })
  await world.ended(runId)
  expect(world.told()).toEqual([{ status: 'ok', output: 'too slow' }])
})

test('two calls of one reply that need the same sign-in ask once, and both go on', async () => {
  const model = scriptedModel((messages) => (messages.at(-1)?.role === 'user' ? [{ call: 'calendar' }, { call: 'calendar' }] : ['Two.']))
  const world = signInWorld({ model })
  const a = world.spawn('a')
  const runId = await world.say(a, ada)
  await world.signIn(a, ada)
  expect((await world.ended(runId)).state).toBe('done')
  expect(await world.rows('authorizations')).toHaveLength(1)
  expect(world.api.tokens).toHaveLength(2)
})

interface Story {
  readonly api?: (token: string, request: Request) => Response | Promise<Response>
  readonly refresh?: () => Response
  readonly work?: (context: ToolContext) => Promise<JsonValue>
}

/** Ada has asked and signed in; tokens are `access-1`, `access-2` … in the order in which they were issued. */
async function signedIn(story: Story = {}): Promise<{ world: SignInWorld; a: SignInProcess; runId: string }> {
  const { api, refresh, work } = story
  const world = signInWorld({ ...(work && { tool: { execute: (_input, context) => work(context) } }) })
  let issued = 0
  world.server.script[paths.token] = (form) => {
    if (form.get('grant_type') === 'refresh_token' && refresh) return refresh()
    issued += 1
    return Response.json(tokenBody({ access_token: `access-${issued}`, refresh_token: `refresh-${issued}` }))
  }
  if (api) world.api.answer = (request) => api(request.headers.get('authorization')?.replace('Bearer ', '') ?? '', request)
  const a = world.spawn('a')
  const runId = await world.say(a, ada)
  await world.signIn(a, ada)
  return { world, a, runId }
}

async function decline(world: SignInWorld, { runs }: SignInProcess): Promise<void> {
  const { id } = await world.question(ada)
  expect(await runs.answer(id, { action: 'decline' }, ada)).toEqual({ outcome: 'settled' })
}

function grantsOf({ server }: SignInWorld): readonly (string | null)[] {
  return server.requests.filter(({ path }) => path === paths.token).map(({ form }) => form.get('grant_type'))
}
