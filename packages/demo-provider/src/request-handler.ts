import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider } from 'oidc-provider'
import type { DemoAccounts } from './demo-accounts.ts'
import { errorPage, GONE_SIGN_IN, problemOf } from './error-page.ts'
import { answerHome, answerSignOut } from './home.ts'
import { answerInteraction } from './interaction.ts'
import type { OidcLibrary } from './oidc-library.ts'
import { sendPage } from './page.ts'
import type { DemoProviderSettings } from './provider-options.ts'
import { STYLESHEET } from './stylesheet.ts'

/** What answering a request takes. */
export interface RequestHandlerDeps {
  readonly library: OidcLibrary
  readonly provider: Provider
  readonly accounts: DemoAccounts
  readonly settings: DemoProviderSettings
}

/** Answers every request: own pages here, the protocol by oidc-provider. */
export function requestHandler(deps: RequestHandlerDeps): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { settings, library } = deps
  const protocol = deps.provider.callback()
  return async (request, response) => {
    try {
      if (await settings.intercept(request, response)) return
      for (const [name, value] of Object.entries(COMMON_HEADERS)) response.setHeader(name, value)
      if (!isLoopbackName(request.headers.host)) return sendPage(response, errorPage(WRONG_HOST))
      if (await answerPage(deps, request, response)) return
      await protocol(request, response)
    } catch (cause) {
      const gone = cause instanceof library.errors.SessionNotFound
      if (!gone) settings.log(`server error: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`)
      if (response.headersSent) response.destroy()
      else sendPage(response, errorPage(gone ? GONE_SIGN_IN : problemOf(500, 'server_error', undefined)))
    }
  }
}

/** Answers what is ours; `false` leaves the request untouched. */
async function answerPage(deps: RequestHandlerDeps, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const { provider, accounts, settings } = deps
  const home = { provider, accounts, redirectUris: settings.redirectUris }
  const path = request.url?.split('?', 1)[0] ?? '/'
  const uid = /^\/interaction\/([\w-]+)$/.exec(path)?.[1]
  const method = request.method === 'HEAD' ? 'GET' : request.method
  if (uid !== undefined && (method === 'GET' || method === 'POST')) {
    await answerInteraction({ provider, accounts, log: settings.log }, { request, response, uid })
    return true
  }
  switch (`${method} ${path}`) {
    case 'GET /':
      await answerHome(home, request, response)
      return true
    case 'POST /sign-out':
      await answerSignOut(home, request, response)
      return true
    case 'GET /style.css':
      response.writeHead(200, { 'content-type': 'text/css; charset=utf-8' }).end(STYLESHEET)
      return true
    case 'GET /health':
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"healthy"}')
      return true
    default:
      return false
  }
}

/** A page elsewhere may point its own name at this computer (DNS rebinding) and then read us: only loopback names are ours. */
function isLoopbackName(host: string | undefined): boolean {
  return /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/i.test(host ?? '')
}

const COMMON_HEADERS = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' }

const WRONG_HOST = {
  status: 421,
  title: 'Wrong address',
  advice: 'This provider answers only under a loopback name such as 127.0.0.1 or localhost.',
}
