import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { SESSION_LIFETIME_MS } from './sessions.ts'

/** Names and attributes of the server's cookies. Over https they carry `__Host-`, which plain http on a loopback host cannot. */
export class Cookies {
  readonly #isSecure: boolean
  readonly #prefix: string

  constructor(publicOrigin: string) {
    this.#isSecure = publicOrigin.startsWith('https:')
    // Cookies do not know ports: two servers on one host must not share a name.
    this.#prefix = this.#isSecure ? '__Host-countersign' : `countersign-${new URL(publicOrigin).port || '80'}`
  }

  session(context: Context): string | undefined {
    return getCookie(context, `${this.#prefix}-session`)
  }

  /** Lax, not Strict: the browser must bring it when an authorization server sends it back. */
  setSession(context: Context, value: string): void {
    setCookie(context, `${this.#prefix}-session`, value, { ...this.#attributes(), maxAge: SESSION_LIFETIME_MS / 1000 })
  }

  dropSession(context: Context): void {
    deleteCookie(context, `${this.#prefix}-session`, this.#attributes())
  }

  /** What this browser keeps of the sign-in it opened. */
  flow(context: Context, interactionId: string): string | undefined {
    return getCookie(context, this.#flowName(interactionId))
  }

  flows(context: Context): readonly string[] {
    return Object.entries(getCookie(context)).flatMap(([name, value]) => (name.startsWith(`${this.#prefix}-flow-`) ? [value] : []))
  }

  setFlow(context: Context, interactionId: string, value: string): void {
    setCookie(context, this.#flowName(interactionId), value, { ...this.#attributes(), maxAge: 600 })
  }

  dropFlow(context: Context, interactionId: string): void {
    deleteCookie(context, this.#flowName(interactionId), this.#attributes())
  }

  #flowName(interactionId: string): string {
    return `${this.#prefix}-flow-${interactionId}`
  }

  #attributes(): { path: '/'; httpOnly: true; sameSite: 'Lax'; secure: boolean } {
    return { path: '/', httpOnly: true, sameSite: 'Lax', secure: this.#isSecure }
  }
}
