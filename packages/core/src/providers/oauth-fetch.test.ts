import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import type { Fetch } from '../runtime/runtime.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import { endlessBody, silence, stallingBody } from './hostile-server.ts'
import { defaultFetchLimits, oauthFetch } from './oauth-fetch.ts'
import type { FetchLimits } from './oauth-fetch.ts'

const get = { method: 'GET', headers: {} }
const address = 'https://login.example/x'

test('an answer comes back whole, with its status and headers', async () => {
  const { send } = opened(() => Promise.resolve(new Response('{"a":1}', { status: 201, headers: { 'x-y': 'z' } })))
  const response = await send(address, get)
  expect([response.status, response.headers.get('x-y'), await response.json()]).toEqual([201, 'z', { a: 1 }])
})

test('redirects are asked for as they are, and refused in every form they come in', async () => {
  const { send, inits } = opened(() => Promise.resolve(Response.redirect('https://elsewhere.example/', 303)))
  await expect(send(address, get)).rejects.toMatchObject({ code: 'upstream_failed', message: expect.stringContaining('redirect') })
  expect(inits.map((init) => init?.redirect)).toEqual(['manual'])
})

test.each(['http://login.example/', 'ftp://localhost/', 'https://me:word@login.example/'])('"%s" is never asked', async (forbidden) => {
  const { send, inits } = opened(() => Promise.resolve(new Response()))
  await expect(send(forbidden, get)).rejects.toMatchObject({ code: 'upstream_failed', message: expect.not.stringContaining('word') })
  expect(inits).toEqual([])
})

test('a body ends at its limit, whatever length was announced', async () => {
  const { body, sent } = endlessBody(100)
  const { send } = opened(() => Promise.resolve(new Response(body, { headers: { 'content-length': '10' } })), { maxBodyBytes: 1000 })
  await expect(send(address, get)).rejects.toMatchObject({ code: 'upstream_failed', message: expect.stringContaining('1000 bytes') })
  expect(sent()).toBeLessThanOrEqual(1200)
})

test('a body of exactly the limit passes', async () => {
  const { send } = opened(() => Promise.resolve(new Response('x'.repeat(1000))), { maxBodyBytes: 1000 })
  expect(await (await send(address, get)).text()).toHaveLength(1000)
})

test('all requests of one step share its time', async () => {
  const { send, runtime } = opened(() => runtime.sleep(5000).then(() => new Response('late')))
  const first = send(address, get)
  await runtime.advance(5000)
  expect((await first).status).toBe(200)
  const failure = failureOf(send(address, get))
  await runtime.advance(3000)
  expect(await failure).toMatchObject({ code: 'upstream_failed', message: expect.stringContaining('8000 ms') })
})

test('a step out of time asks nobody', async () => {
  const { send, runtime, inits } = opened(silence)
  await runtime.advance(8000)
  expect(await failureOf(send(address, get))).toMatchObject({ code: 'upstream_failed' })
  expect(inits).toEqual([])
})

test.each([
  ['that is not answered', silence],
  ['whose body stalls', () => Promise.resolve(new Response(stallingBody('{')))],
])('an abort ends a request %s, even when fetch does not listen', async (_name, answer) => {
  const controller = new AbortController()
  const { send, runtime } = opened(answer, {}, controller.signal)
  const failure = failureOf(send(address, get))
  await runtime.advance(1)
  controller.abort()
  expect(await failure).toMatchObject({ code: 'cancelled' })
  expect(runtime.nextTimerAt()).toBeUndefined()
})

test('neither timers nor listeners stay behind', async () => {
  const controller = new AbortController()
  const { send, runtime } = opened(() => Promise.resolve(new Response('ok')), {}, controller.signal)
  await send(address, get)
  expect(runtime.nextTimerAt()).toBeUndefined()
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
})

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (cause: unknown) => cause,
  )
}

function opened(answer: () => Promise<Response>, limits: Partial<FetchLimits> = {}, signal?: AbortSignal) {
  const inits: (RequestInit | undefined)[] = []
  const fetch: Fetch = (_input, init) => {
    inits.push(init)
    return answer()
  }
  const runtime = virtualRuntime({ fetch })
  return { runtime, inits, send: oauthFetch({ runtime, ...(signal && { signal }) }, { ...defaultFetchLimits, ...limits }) }
}
