import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DemoAccounts } from './demo-accounts.ts'
import { answerDevice, answerDeviceForm, answerDeviceSignIn } from './device/device.ts'
import type { DeviceDeps } from './device/device.ts'
import { errorPage, GONE_SIGN_IN, problemOf } from './error-page.ts'
import { answerHome, answerSignOut } from './home.ts'
import { answerInteraction } from './interaction.ts'
import { sendPage } from './page.ts'
import { answerDecision, answerEvents, answerPhone, answerPhoneSignIn, answerPhoneSignOut } from './phone/phone.ts'
import type { PhoneDeps } from './phone/phone.ts'
import { PHONE_SCRIPT } from './phone/phone-script.ts'
import type { DemoProviderSettings } from './provider-options.ts'
import { answerReports } from './reports-api.ts'
import type { ReportsDeps } from './reports-api.ts'
import { STYLESHEET } from './stylesheet.ts'

/** What answering a request takes. */
export interface RequestHandlerDeps extends PhoneDeps, DeviceDeps {
  readonly accounts: DemoAccounts
  readonly settings: DemoProviderSettings
  readonly reportsDeps: ReportsDeps
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void

/** Answers every request: own pages here, the protocol by oidc-provider. */
export function requestHandler(deps: RequestHandlerDeps): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { settings, library } = deps
  const protocol = deps.provider.callback()
  const own = ownAnswers(deps)
  return async (request, response) => {
    try {
      if (await settings.intercept(request, response)) return
      for (const [name, value] of Object.entries(COMMON_HEADERS)) response.setHeader(name, value)
      if (!isLoopbackName(request.headers.host)) return sendPage(response, errorPage(WRONG_HOST))
      const answer = interactionAnswer(deps, request) ?? own.get(`${methodOf(request)} ${pathOf(request)}`) ?? protocol
      await answer(request, response)
    } catch (cause) {
      const gone = cause instanceof library.errors.SessionNotFound
      if (!gone) settings.log(`server error: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`)
      if (response.headersSent) response.destroy()
      else sendPage(response, errorPage(gone ? GONE_SIGN_IN : problemOf(500, 'server_error', undefined)))
    }
  }
}

/** What is ours, by method and path. */
function ownAnswers(deps: RequestHandlerDeps): ReadonlyMap<string, Answer> {
  const { provider, accounts, resources, settings } = deps
  const home = { provider, accounts, resources, settings }
  return new Map<string, Answer>([
    ['GET /', (request, response) => answerHome(home, request, response)],
    ['POST /sign-out', (request, response) => answerSignOut(home, request, response)],
    ['GET /phone', (request, response) => answerPhone(deps, request, response)],
    ['GET /phone/events', (request, response) => answerEvents(deps, request, response)],
    ['POST /phone/sign-in', (request, response) => answerPhoneSignIn(deps, request, response)],
    ['POST /phone/sign-out', (request, response) => answerPhoneSignOut(deps, request, response)],
    ['POST /phone/decide', (request, response) => answerDecision(deps, request, response)],
    ['GET /device', (request, response) => answerDevice(deps, request, response)],
    ['POST /device', (request, response) => answerDeviceForm(deps, request, response)],
    ['POST /device/sign-in', (request, response) => answerDeviceSignIn(deps, request, response)],
    ['GET /api/reports', (request, response) => answerReports(deps.reportsDeps, request, response)],
    ['POST /api/reports', (request, response) => answerReports(deps.reportsDeps, request, response)],
    ['GET /phone.js', (_request, response) => sendText(response, 'text/javascript', PHONE_SCRIPT)],
    ['GET /style.css', (_request, response) => sendText(response, 'text/css', STYLESHEET)],
    ['GET /health', (_request, response) => sendText(response, 'application/json', '{"status":"healthy"}')],
  ])
}

function interactionAnswer(deps: RequestHandlerDeps, request: IncomingMessage): Answer | undefined {
  const uid = /^\/interaction\/([\w-]+)$/.exec(pathOf(request))?.[1]
  if (uid === undefined || !['GET', 'POST'].includes(methodOf(request))) return undefined
  return (sameRequest, response) => answerInteraction(deps, { request: sameRequest, response, uid })
}

function sendText(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(text)
}

function pathOf(request: IncomingMessage): string {
  return request.url?.split('?', 1)[0] ?? '/'
}

function methodOf({ method = 'GET' }: IncomingMessage): string {
  return method === 'HEAD' ? 'GET' : method
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
