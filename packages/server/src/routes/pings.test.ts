import { phoneWorld, pingTokenOf, runEnded } from '@countersign/core/testing'
import { expect, test } from 'vitest'
import { PING_PATH, pingRoute } from './pings.ts'

test('news that is proven has the request asked about, and the answer waits for no poll', async () => {
  const { notify, phone, world, runId } = await waiting()
  phone.answer = 'granted'
  expect((await notify({ auth_req_id: 'request-1' }, pingTokenOf(1))).status).toBe(204)
  expect(await runEnded(world, runId)).toBe('done')
  expect(phone.polls).toHaveLength(1)
})

test.each([
  ['another token', { auth_req_id: 'request-1' }, pingTokenOf(2)],
  ['an unknown request', { auth_req_id: 'request-7' }, pingTokenOf(1)],
  ['a token that is too long', { auth_req_id: 'request-1' }, 'x'.repeat(2_000)],
  ['no request', {}, pingTokenOf(1)],
  ['no JSON', 'auth_req_id=request-1', pingTokenOf(1)],
])('news with %s is answered like any other, and changes nothing', async (_name, body, token) => {
  const { notify, phone, passes } = await waiting()
  const response = await notify(body, token)
  expect([response.status, await response.text()]).toEqual([204, ''])
  await passes(4_000)
  expect(phone.polls).toEqual([])
})

test.each([[undefined], ['Basic eDp5'], ['Bearer'], ['Bearer two words']])(
  'without a bearer token (%s) it is refused',
  async (authorization) => {
    const { app, phone } = await waiting()
    const headers = { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) }
    const response = await app.request(PING_PATH, { method: 'POST', headers, body: JSON.stringify({ auth_req_id: 'request-1' }) })
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
    expect(phone.polls).toEqual([])
  },
)

/** A run that waits for a phone, and the door at which its server knocks. */
async function waiting() {
  const { phone, world, wait, passes } = phoneWorld()
  const runId = await world.say('Go')
  await wait()
  const app = pingRoute({ runs: world.runs })
  const notify = (body: unknown, token: string): Response | Promise<Response> =>
    app.request(PING_PATH, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  return { app, notify, phone, world, runId, passes }
}
