import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket as ClientSocket } from 'ws'
import { type Stage, theatre } from './stage.ts'

const openStage = theatre()

test('a page on another port of this host cannot open the socket, although the browser would bring its cookies', async () => {
  const { stage, person } = await openChat()
  await person.page.goto(await foreignPage())
  const socket = person.page.waitForEvent('websocket')
  expect(await tryToOpen(person.page, socketUrl(stage))).toBe('refused')
  expect((await socket).url()).toContain(new URL(stage.origin).host)
  expect((await stage.evidence.at('socket error')).join()).toContain('403')
  expect((await stage.evidence.at('log warn')).join()).toContain('socket refused')
})

test('a sandboxed frame, whose origin is "null", cannot open the socket', async () => {
  const { stage, person } = await openChat()
  await person.page.goto(await foreignPage(`<iframe sandbox="allow-scripts" srcdoc="<p>frame</p>"></iframe>`))
  const frame = person.page.frames().find((each) => each !== person.page.mainFrame())
  expect(await tryToOpen(frame ?? person.page, socketUrl(stage))).toBe('refused')
  expect((await stage.evidence.at('log warn')).join()).toContain('"origin":"null"')
})

test("our own page's origin opens the socket: what refuses the others is their origin", async () => {
  const { stage, person } = await openChat()
  expect(await tryToOpen(person.page, socketUrl(stage))).toBe('open')
})

const origins: Readonly<Record<string, (stage: Stage) => string | undefined>> = {
  'no origin': () => undefined,
  'the origin "null"': () => 'null',
  'the same host without its port': () => 'http://localhost',
  'the same port of 127.0.0.1': ({ origin }) => origin.replace('localhost', '127.0.0.1'),
  'our origin over https': ({ origin }) => origin.replace('http:', 'https:'),
  'a host that begins like ours': ({ origin }) => `${origin}.evil.example`,
}

test.each(Object.entries(origins))('a client with %s is refused at the handshake with 403', async (_name, originOf) => {
  const stage = await openStage()
  await stage.serve()
  const origin = originOf(stage)
  const socket = new ClientSocket(socketUrl(stage), { ...(origin !== undefined && { origin }) })
  const status = await new Promise<number | undefined>((resolve, reject) => {
    socket.on('unexpected-response', (request, response) => {
      resolve(response.statusCode)
      request.destroy()
    })
    socket.on('open', () => reject(new Error('it was opened')))
    // After it was refused, the client's own hanging up is an error to it.
    socket.on('error', () => undefined)
  })
  expect(status).toBe(403)
})

test('a browser that comes as 127.0.0.1 is led to localhost, with path and query', async () => {
  const stage = await openStage()
  await stage.serve()
  const person = await stage.person()
  await person.page.goto(`${stage.origin.replace('localhost', '127.0.0.1')}/?from=there`)
  await person.page.getByRole('textbox').waitFor()
  expect(person.page.url()).toBe(`${stage.origin}/?from=there`)
})

test.each([
  ['an API call', { accept: 'application/json' }],
  ['a page', { accept: 'text/html' }],
])('%s under a wrong host: never answered as ours, and never led anywhere but to us', async (_name, headers) => {
  const stage = await openStage()
  await stage.serve()
  const answer = await get(`${stage.origin}/api/me`, { ...headers, host: 'evil.example' })
  const isPage = headers.accept === 'text/html'
  expect(answer).toEqual({ status: isPage ? 307 : 421, location: isPage ? `${stage.origin}/api/me` : undefined, cookie: undefined })
})

async function openChat() {
  const stage = await openStage()
  await stage.serve()
  const person = await stage.person()
  await person.openChat()
  return { stage, person }
}

function socketUrl({ origin }: Stage): string {
  return `${origin.replace('http', 'ws')}/websocket?conversation_id=any`
}

/** A site on another port of this host. @returns its address */
async function foreignPage(markup = '<p>another site</p>'): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>another site</title>${markup}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // A server that listens on a port has an address of this form.
  return `http://localhost:${(server.address() as AddressInfo).port}/`
}

/** From within a page. */
function tryToOpen(page: { evaluate<T>(work: (url: string) => Promise<T>, url: string): Promise<T> }, url: string): Promise<string> {
  return page.evaluate(
    (address) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(address)
        socket.addEventListener('open', () => resolve('open'))
        socket.addEventListener('error', () => resolve('refused'))
      }),
    url,
  )
}

/** `fetch` sets its own Host. */
function get(url: string, headers: Record<string, string>) {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { headers }, (response) => {
      response.resume()
      resolve({ status: response.statusCode, location: response.headers.location, cookie: response.headers['set-cookie'] })
    })
    request.on('error', reject).end()
  })
}
