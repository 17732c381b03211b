import { readFileSync } from 'node:fs'
import { type IncomingMessage, createServer, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { BrowserContext, Locator, Page } from 'playwright'
import { transformWithOxc } from 'vite'
import { onTestFinished } from 'vitest'
import { freePort } from '../../tools/free-port.mjs'

export const NAT_COOKIE = 'nemo-agent-toolkit-session'

/** How the gateway of a test differs from the UI's own. */
export interface NatUiOptions {
  /** Keeps our cookies back, in both directions: there are proxies that do. */
  readonly keepsCookiesBack?: boolean
}

/** NAT's own UI, as a server meets it: a gateway on a port of its own, and its page. By the facts of its commit 360f602. */
export interface NatUi {
  readonly origin: string
  /** Starts it before a server, whose name it takes from `NAT_BACKEND_URL`. Ends with the test. */
  start(backendUrl: string): Promise<void>
  /** Somebody who opens it in this browser. */
  open(context: BrowserContext): Promise<NatUser>
}

/** Chooses its address, which the server has to know before it starts. */
export async function natUi(options: NatUiOptions = {}): Promise<NatUi> {
  const port = await freePort()
  const origin = `http://localhost:${port}`
  return {
    origin,
    start: (backendUrl) => startGateway(port, { ...options, backendUrl }),
    async open(context) {
      const page = await context.newPage()
      await page.goto(origin)
      const user = new NatUser(page)
      await user.toast('WebSocket connected').waitFor()
      return user
    },
  }
}

/** A person with NAT's own UI before them. */
export class NatUser {
  readonly page: Page

  constructor(page: Page) {
    this.page = page
  }

  /** Says it once the answer before is complete: the UI takes nothing earlier. */
  async ask(question: string): Promise<void> {
    await this.stop.waitFor({ state: 'hidden' })
    await this.page.getByRole('textbox', { name: 'Message' }).fill(question)
    await this.page.keyboard.press('Enter')
  }

  /** Asks, and waits for the tab that opens by itself. */
  async askAndFollow(question: string): Promise<Page> {
    const [tab] = await Promise.all([this.page.context().waitForEvent('page'), this.ask(question)])
    await tab.getByRole('heading').waitFor()
    return tab
  }

  answers(text: string): Locator {
    return this.page.locator('.assistant > p').getByText(text)
  }

  step(name: string): Locator {
    return this.page.locator('section', { has: this.page.getByRole('heading', { name }) }).last()
  }

  /**
   * Loads the page again, until it has done with the open question what it does. Meanwhile nothing in it is looked at: Playwright looks with a gesture of
   * the user, by which the page would be allowed to open a sign-in as if somebody had clicked.
   */
  async reload(): Promise<void> {
    await Promise.all([this.page.waitForEvent('console', (message) => message.text() === 'asked'), this.page.reload()])
  }

  toast(text: string): Locator {
    return this.page.locator('#toasts').getByText(text)
  }

  get toasts(): Promise<readonly string[]> {
    return this.page.locator('#toasts p').allInnerTexts()
  }

  get stop(): Locator {
    return this.page.getByRole('button', { name: 'Stop Generating' })
  }

  get modal(): Locator {
    return this.page.locator('#modal')
  }
}

interface GatewayOptions extends NatUiOptions {
  readonly backendUrl: string
}

const page = `<!doctype html><meta charset="utf-8"><title>stand-in for NAT's UI</title>
<div id="toasts"></div><main id="messages"></main><div id="modal" role="dialog" hidden></div>
<form id="composer"><textarea aria-label="Message"></textarea></form><button id="stop" hidden>Stop Generating</button>
<script type="module" src="/page.js"></script>`

async function startGateway(port: number, options: GatewayOptions): Promise<void> {
  const file = fileURLToPath(new URL('nat-ui-page.ts', import.meta.url))
  const { code } = await transformWithOxc(readFileSync(file, 'utf8'), file)
  const server = createServer((incoming, response) => {
    if (incoming.url === '/page.js') return response.writeHead(200, { 'content-type': 'text/javascript' }).end(code)
    // As the UI's middleware does it, for whoever has none.
    const isNew = !incoming.headers.cookie?.includes(`${NAT_COOKIE}=`)
    const session = `session_${Date.now()}_${Math.random().toString(36).slice(2, 11)}`
    const cookie = `${NAT_COOKIE}=${session}; Path=/; Max-Age=2592000; Secure; SameSite=lax`
    response.writeHead(200, { 'content-type': 'text/html', ...(isNew && { 'set-cookie': cookie }) }).end(page)
  })
  const open = new Set<Duplex>()
  server.on('upgrade', (incoming, socket, head) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    forward({ incoming, socket, head }, options)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.closeAllConnections()
    server.close()
  })
}

interface Upgrade {
  readonly incoming: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}

/** `/ws` becomes the server's `/websocket`: under the name the gateway knows it by, with the browser's origin and cookies, and what a proxy adds. */
function forward({ incoming, socket, head }: Upgrade, { backendUrl, keepsCookiesBack = false }: GatewayOptions): void {
  const { pathname, search } = new URL(incoming.url ?? '', 'http://gateway')
  if (pathname !== '/ws') return void socket.destroy()
  const target = new URL(`/websocket${search}`, backendUrl)
  const { cookie = '', host = '', ...headers } = incoming.headers
  const asked = request(target, {
    headers: {
      ...headers,
      host: target.host,
      ...(!keepsCookiesBack && { cookie }),
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': host,
      'x-forwarded-proto': 'ws',
    },
  })
  socket.on('error', () => asked.destroy())
  asked.on('error', () => socket.destroy())
  asked.on('response', (response) => socket.end(statusLines(response, keepsCookiesBack)))
  asked.on('upgrade', (response, backend, backendHead) => {
    socket.once('close', () => backend.destroy())
    socket.write(statusLines(response, keepsCookiesBack))
    socket.write(backendHead)
    backend.write(head)
    backend.on('error', () => socket.destroy())
    backend.pipe(socket).pipe(backend)
  })
  asked.end()
}

function statusLines({ statusCode, statusMessage, rawHeaders }: IncomingMessage, keepsCookiesBack: boolean): string {
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`]
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (!keepsCookiesBack || rawHeaders[at]?.toLowerCase() !== 'set-cookie') lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
