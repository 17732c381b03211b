import { once } from 'node:events'
import { createConnection } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { holdBack } from './held-back.ts'
import { ADA, type Person, sayName, signIn } from './person.ts'
import { auditRecords, signInRows } from './rows.ts'
import type { ServerProcess } from './server-process.ts'
import { type Stage, theatre } from './stage.ts'

const openStage = theatre()
/** A stop that waits for nothing takes a fraction of this, also on a busy machine. */
const SOON_MS = 3_000
const GRACE_MS = 8_000
/** After this, supervisors kill. */
const LIMIT_MS = 10_000

test('with nothing under way: clients are told to come back, and the process ends with 0, also when one of them never closes', async () => {
  const stage = await openStage()
  const server = await stage.spawn()
  const person = await stage.person()
  await person.openChat()
  await deafClient(stage)
  const ours = await socket(stage, person, 'countersign.v1')
  const nats = await socket(stage, person)
  const ended = Promise.all([ours, nats].map(goodbye))
  const { code, ms } = await stop(server)
  expect(await ended).toEqual([
    { frames: ['draining_message'], code: 1012 },
    { frames: [], code: 1012 },
  ])
  expect(code).toBe(0)
  expect(ms).toBeLessThan(SOON_MS)
  expect(server.lines.map((line) => /"msg":"(the server [^"]+)"/.exec(line)?.[1] ?? '').filter(Boolean)).toEqual([
    'the server stops',
    'the server has stopped',
  ])
})

test('with a question that waits: the process ends at once, and the next one asks it again and goes on', async () => {
  const stage = await openStage()
  const server = await stage.spawn()
  const person = await stage.person()
  await person.openChat()
  await person.ask()
  const address = await person.startUrl()
  const { code, ms } = await stop(server)
  expect(code).toBe(0)
  expect(ms).toBeLessThan(SOON_MS)
  await stage.spawn()
  expect(await person.startUrl()).toBe(address)
  await signIn(await person.openPopup())
  await person.hears(ADA)
  expect(stage.provider.tokenRequests()).toBe(1)
})

test('with a callback whose code is being redeemed: it is waited for, and nobody has to sign in again', async () => {
  const token = holdBack('/oauth/token')
  const stage = await openStage({ intercept: token.intercept })
  const server = await stage.spawn()
  const person = await stage.person()
  await person.openChat()
  const popup = await person.askAndOpen()
  await sayName(popup)
  const page = await socket(stage, person)
  const told = once(page, 'close')
  // The page that this leads to comes only after the test has gone on.
  const clicked = popup.getByRole('button', { name: 'Allow' }).click({ noWaitAfter: true })
  await token.arrived
  const stopped = stop(server)
  await told
  token.release()
  await clicked
  await popup.getByRole('heading', { name: 'You are signed in' }).waitFor()
  expect((await stopped).code).toBe(0)
  await stage.spawn()
  await person.hears(ADA)
  expect(stage.provider.tokenRequests()).toBe(1)
})

test('with a tool that outlasts the grace: nothing new is taken, the tool is given up in time, and the next process goes on', async () => {
  const api = holdBack('/api/me')
  const stage = await openStage({ intercept: api.intercept, tool: { timeout: 60 } })
  const server = await stage.spawn()
  const [ada, grace] = [await stage.person(), await stage.person()]
  await ada.openChat()
  await signIn(await ada.askAndOpen())
  await api.arrived
  await grace.openChat()
  const popup = await grace.askAndOpen()
  await sayName(popup, 'Grace Hopper')
  const told = once(await socket(stage, ada), 'close')
  const stopped = stop(server)
  await told
  expect(await refusals(stage)).toEqual({ ready: [503, 'draining'], alive: 200, api: [503, 'draining'], upgrade: 503 })
  // Grace comes back from the provider in this moment: her page waits for the next server.
  await popup.getByRole('button', { name: 'Allow' }).click()
  await popup.getByRole('heading', { name: 'The server restarts' }).waitFor()
  const { code, ms } = await stopped
  expect(code).toBe(0)
  expect(ms).toBeGreaterThan(GRACE_MS - 100)
  expect(ms).toBeLessThan(LIMIT_MS)
  api.release()
  await stage.spawn()
  await ada.hears(ADA)
  await grace.hears('Grace Hopper')
  expect(stage.provider.tokenRequests()).toBe(2)
  expect(await ada.card.count()).toBe(0)
})

test('a second signal ends the process at once, and the next one goes on', async () => {
  const api = holdBack('/api/me')
  const stage = await openStage({ intercept: api.intercept })
  const server = await stage.spawn()
  const person = await stage.person()
  await person.openChat()
  await signIn(await person.askAndOpen())
  await api.arrived
  const over = new AbortController()
  const exit = server.exit.finally(() => over.abort())
  const began = performance.now()
  // One that comes right after the first is its echo: pressed on until it is taken as meant.
  while (!over.signal.aborted) {
    server.signal('SIGTERM')
    await fetch(`${stage.origin}/health`).catch(() => undefined)
  }
  expect((await exit).code).toBe(143)
  expect(performance.now() - began).toBeLessThan(SOON_MS)
  api.release()
  await stage.spawn()
  await person.hears(ADA)
})

test('with a tool that ends within the grace: it is not entered again, and the next server gives its answer', async () => {
  const api = holdBack('/api/me')
  const stage = await openStage({ intercept: api.intercept })
  const first = await stage.serve()
  const person = await stage.person()
  await person.openChat()
  await signIn(await person.askAndOpen())
  await api.arrived
  const stopped = first.stop()
  api.release()
  await stopped
  const second = await stage.serve()
  await person.hears(ADA)
  const { runs, interactions, authorizations, messages } = await signInRows(second.store)
  expect([runs.length, interactions.length, authorizations.map(({ state }) => state)]).toEqual([1, 1, ['granted']])
  expect(messages.map(({ message }) => message.role)).toEqual(['user', 'assistant', 'tool', 'assistant'])
  expect(await auditRecords(second.store, 'tool-call')).toHaveLength(1)
})

/** Sends SIGTERM and waits for the end. */
async function stop(server: ServerProcess): Promise<{ readonly code: number | null; readonly ms: number }> {
  const began = performance.now()
  server.signal('SIGTERM')
  const { code } = await server.exit
  return { code, ms: performance.now() - began }
}

/** A further socket of a person's browser. */
async function socket({ origin }: Stage, { context }: Person, ...protocols: readonly string[]): Promise<WebSocket> {
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  const url = `${origin.replace('http', 'ws')}/websocket?conversation_id=watching`
  const opened = new WebSocket(url, [...protocols], { origin, headers: { cookie } })
  onTestFinished(() => opened.terminate())
  await once(opened, 'open')
  return opened
}

/** What a socket is told from now on, and how it is closed. */
async function goodbye(opened: WebSocket): Promise<{ readonly frames: readonly string[]; readonly code: number }> {
  const frames: string[] = []
  opened.on('message', (data: Buffer) => {
    // The boundary: what our server sends has a type.
    const { type } = JSON.parse(data.toString()) as { type: string }
    if (type !== 'caught_up_message') frames.push(type)
  })
  return new Promise((resolve) => opened.once('close', (code) => resolve({ frames, code })))
}

/** A client that has shaken hands, and never says another word. */
async function deafClient({ origin }: Stage): Promise<void> {
  const { port, host } = new URL(origin)
  const connection = createConnection({ host: '127.0.0.1', port: Number(port), allowHalfOpen: true })
  onTestFinished(() => void connection.destroy())
  connection.on('error', () => undefined)
  const handshake = ['GET /websocket HTTP/1.1', `Host: ${host}`, `Origin: ${origin}`, 'Connection: Upgrade', 'Upgrade: websocket']
  connection.write([...handshake, 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${btoa('sixteen bytes :)')}`, '', ''].join('\r\n'))
  const [answer] = (await once(connection, 'data')) as [Buffer]
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 101 /)
}

/** What a server that stops says to those who come. */
async function refusals({ origin }: Stage) {
  const status = async (path: string): Promise<readonly [number, unknown]> => {
    const response = await fetch(`${origin}${path}`)
    const body = (await response.json()) as { status?: string; error?: string }
    return [response.status, body.status ?? body.error]
  }
  const upgrade = new Promise<number | undefined>((resolve) => {
    const late = new WebSocket(`${origin.replace('http', 'ws')}/websocket`, { origin })
    late.on('unexpected-response', (request, response) => {
      resolve(response.statusCode)
      request.destroy()
    })
    // After it was refused, the client's own hanging up is an error to it.
    late.on('error', () => undefined)
  })
  const [alive] = await status('/health')
  return { ready: await status('/health/ready'), alive, api: await status('/api/me'), upgrade: await upgrade }
}
