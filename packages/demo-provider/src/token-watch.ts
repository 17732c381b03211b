import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ObservedTokenRequest } from './provider-options.ts'

/** Counts and reports what reaches the token endpoint, without looking at any token. */
export class TokenWatch {
  readonly #observe: (request: ObservedTokenRequest) => void
  readonly #grantTypes = new WeakMap<IncomingMessage, string>()
  #count = 0

  constructor(observe: (request: ObservedTokenRequest) => void) {
    this.#observe = observe
  }

  /** How many token requests arrived since the start, answered or not. */
  get count(): number {
    return this.#count
  }

  /** To be called as a request arrives; others than token requests are passed over. */
  arrived(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url?.split('?', 1)[0]
    if (path !== '/oauth/token' || request.method !== 'POST') return
    this.#count += 1
    response.once('finish', () => {
      this.#observe({ path, status: response.statusCode, grantType: this.#grantTypes.get(request) })
    })
  }

  /** To be called once the body was read. */
  recognised(request: IncomingMessage, grantType: unknown): void {
    if (typeof grantType === 'string') this.#grantTypes.set(request, grantType)
  }
}
