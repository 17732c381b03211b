import { type Consents, digestText, errorFacts, type Runtime, toBase64url, type Visitor } from '@countersign/core'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { Cookies } from '../identity/cookies.ts'
import { openPage, returnPage } from '../routes/consent-pages.ts'
import { pageScript, pageStyle, renderPage } from '../routes/page.ts'
import { refusals, refuse } from '../routes/refusal.ts'
import { securityHeaders } from '../routes/security-headers.ts'

type DoorRuntime = Pick<Runtime, 'randomBytes' | 'sha256' | 'log'>

/** Who goes through the door, and what is behind it. */
export interface BehindDoor {
  readonly consents: Consents
  /** Whoever comes with the right address is the person at the terminal. */
  readonly visitor: Visitor
  /** Where authorization servers send the browser back to. */
  readonly callback: string
}

/**
 * Where the browser of the person at the terminal leaves for a sign-in and comes back to: a loopback address on a free port (RFC 8252 §7.3). It knows
 * nobody by a session: what only the terminal has shown, an address that counts once, is the proof, and from then on the flow's cookie.
 */
export class SignInDoor {
  readonly #origin: string
  readonly #runtime: DoorRuntime
  readonly #cookies: Cookies
  /** Digests of what opens a sign-in, by its question: the key that was given out last, and the flow that the browser keeps. */
  readonly #keys = new Map<string, string>()
  readonly #flows = new Map<string, string>()

  /** @param origin where browsers find it */
  constructor(origin: string, runtime: DoorRuntime) {
    this.#origin = origin
    this.#runtime = runtime
    this.#cookies = new Cookies(origin)
  }

  /** A fresh address that leads to a sign-in, once, whichever browser comes with it first; those before it lead nowhere any more. */
  addressOf(interactionId: string): string {
    const key = toBase64url(this.#runtime.randomBytes(16))
    this.#keys.set(interactionId, digestText(this.#runtime, key))
    return `${this.#origin}/auth/start/${interactionId}/${key}`
  }

  /** The sign-in is over: nothing leads to it any more. */
  forget(interactionId: string): void {
    this.#keys.delete(interactionId)
    this.#flows.delete(interactionId)
  }

  /** What answers at the door, and nothing besides sign-ins. */
  app({ consents, visitor, callback }: BehindDoor): Hono {
    const app = new Hono()
    app.use(securityHeaders(this.#origin, { callback, websocket: callback }))
    app.use(this.#underOwnName())
    app.get('/auth/page.css', (context) => context.body(pageStyle, 200, { 'content-type': 'text/css; charset=utf-8' }))
    app.get('/auth/page.js', (context) => context.body(pageScript, 200, { 'content-type': 'text/javascript; charset=utf-8' }))
    app.get('/auth/start/:id/:key', async (context) => {
      const { id, key } = context.req.param()
      const flow = this.#cookies.flow(context, id)
      if (!this.#isAdmitted(id, { key, flow })) return renderPage(context, openPage({ outcome: 'not_found' }, 'terminal'))
      const opened = await consents.open(id, [visitor], flow)
      if (opened.outcome !== 'redirect') return renderPage(context, openPage(opened, 'terminal'))
      this.#flows.set(id, digestText(this.#runtime, opened.flow))
      this.#cookies.setFlow(context, id, opened.flow)
      return context.redirect(opened.url, 302)
    })
    app.on('GET', [callback, `${callback}/:connection`], async (context) => {
      const url = new URL(context.req.path + new URL(context.req.url).search, this.#origin)
      return renderPage(context, returnPage(await consents.finish(url, this.#cookies.flows(context), [visitor]), 'terminal'))
    })
    app.notFound((context) =>
      refuse(context, { ...refusals.not_found, text: 'This address is for sign-ins only. Go back to the terminal.' }),
    )
    app.onError((error, context) => this.#failed(error, context))
    return app
  }

  /** By the key, which is used up, or by the flow that this browser got for it: a page may be reloaded. */
  #isAdmitted(id: string, { key, flow }: { key: string; flow: string | undefined }): boolean {
    if (this.#keys.get(id) === digestText(this.#runtime, key)) return this.#keys.delete(id)
    return flow !== undefined && this.#flows.get(id) === digestText(this.#runtime, flow)
  }

  /** A page whose name was rebound to this address comes under that name. */
  #underOwnName(): MiddlewareHandler {
    const { host } = new URL(this.#origin)
    return async (context, next) => {
      if (context.req.header('host') === host) return next()
      return refuse(context, { status: 421, code: 'misdirected_request', title: 'This address has another name', text: `It is ${host}.` })
    }
  }

  #failed(error: Error, context: Context): Response | Promise<Response> {
    this.#runtime.log.error('request failed', {
      method: context.req.method,
      path: context.req.path.split('/', 3).join('/'),
      ...errorFacts(error),
    })
    return refuse(context, { status: 500, code: 'server_error', title: 'This could not be done now', text: 'Go back to the terminal.' })
  }
}
