import { type AuthProvider, type AuthStep, CountersignError, type Fetch, type Runtime, Secret } from '@countersign/core'
import type { OutsideWorld } from './outside-world.ts'

const HOST = 'auth.example'

/** An authorization server, its API, and the provider that speaks to it; the token request is on the record before and after it is made. */
export class AuthorizationServer {
  readonly #runtime: Runtime
  readonly #outside: OutsideWorld

  constructor(runtime: Runtime, outside: OutsideWorld) {
    this.#runtime = runtime
    this.#outside = outside
  }

  /** A person signs in and consents. @returns where the browser is sent, with a code that is good once */
  authorize(address: string): URL {
    const { searchParams } = new URL(address)
    const callback = new URL(searchParams.get('redirect_uri') ?? '')
    callback.searchParams.set('code', this.#runtime.id())
    callback.searchParams.set('state', searchParams.get('state') ?? '')
    return callback
  }

  /** The API: knows who has a token. */
  readonly api: Fetch = async (input, init) => {
    const bearer = new Request(input, init).headers.get('authorization') ?? ''
    return bearer.startsWith('Bearer token-of-') ? new Response('Ada') : new Response('', { status: 401 })
  }

  readonly provider: AuthProvider = {
    type: 'redirect',
    notifies: false,
    reuse: 'principal',
    host: HOST,
    clientId: 'story',
    scopesOf: ({ scopes = [] }) => scopes,
    begin: async () => ({ status: 'waiting', challenge: { kind: 'oauth_consent', host: HOST }, state: {} }),
    advance: async (...[, { state }, event, { redirectUri }]) => {
      if (event.type === 'open') return this.#leave(redirectUri)
      if (event.type !== 'redirect') throw new Error(`the story has no "${event.type}"`)
      if (event.url.searchParams.get('state') !== state) throw new CountersignError('foreign_callback', 'another state')
      return this.#exchange(event.url.searchParams.get('code') ?? '')
    },
  }

  /** By the stories that need them. */
  get providers(): ReadonlyMap<string, AuthProvider> {
    return new Map([
      ['sign-in', this.provider],
      ['phone', this.phone],
    ])
  }

  /** Rings a phone whose owner says yes by the second poll; the token is given out once. */
  readonly phone: AuthProvider = {
    type: 'phone',
    notifies: true,
    reuse: 'call',
    host: HOST,
    clientId: 'story',
    scopesOf: ({ scopes = [] }) => scopes,
    begin: async () => {
      const request = this.#runtime.id()
      this.#outside.do('ring', `ring ${request}`)
      return this.#ringing(request, 0)
    },
    advance: async (...[, { request, polls }]) => {
      if (typeof request !== 'string') throw new Error('the story has no such request')
      return polls === 0 ? this.#ringing(request, 1) : this.#redeem(request)
    },
  }

  #ringing(request: string, polls: number): AuthStep {
    return { status: 'waiting', challenge: { kind: 'backchannel' }, state: { request, polls }, pollAt: this.#runtime.now() }
  }

  #redeem(request: string): AuthStep {
    if (this.#outside.knows(`token ${request}`)) return { status: 'refused', code: 'invalid_grant' }
    return this.#exchange(request)
  }

  #leave(redirectUri: string): AuthStep {
    const state = this.#runtime.id()
    const authorizationUrl = `https://${HOST}/authorize?${new URLSearchParams({ state, redirect_uri: redirectUri }).toString()}`
    const challenge = { kind: 'oauth_consent', host: HOST, authorizationUrl } as const
    return { status: 'waiting', challenge, state: { state }, correlation: state }
  }

  #exchange(code: string): AuthStep {
    this.#outside.do('token-request', `code ${code}`)
    this.#outside.do('token-answer', `token ${code}`)
    const accessToken = new Secret(`token-of-${code}`)
    return { status: 'granted', credential: { tokenType: 'bearer', accessToken, scopes: ['profile'], expiresAt: null } }
  }
}
