import * as oauth from 'oauth4webapi'
import { DEMO_CLIENTS } from '../../demo-clients.ts'
import type { DemoClient } from '../../demo-clients.ts'
import { clientAuthentication } from './client-authentication.ts'
import { TestBrowser } from '../test-browser.ts'
import type { Landing } from '../test-browser.ts'

/** The redirect URI the tests register; nothing listens there. */
export const REDIRECT_URI = 'http://localhost:8000/auth/redirect'

const INSECURE = { [oauth.allowInsecureRequests]: true }

/** An app of the tests: sends a browser to the provider and talks to the token endpoint, through oauth4webapi. */
export class TestClient {
  readonly server: oauth.AuthorizationServer
  readonly browser: TestBrowser
  readonly #client: oauth.Client
  readonly #auth: oauth.ClientAuth
  readonly #verifier = oauth.generateRandomCodeVerifier()
  readonly #state = oauth.generateRandomState()

  private constructor(server: oauth.AuthorizationServer, client: oauth.Client, auth: oauth.ClientAuth) {
    this.server = server
    this.browser = new TestBrowser(server.issuer)
    this.#client = client
    this.#auth = auth
  }

  static async of(issuer: string, client: DemoClient = DEMO_CLIENTS.public): Promise<TestClient> {
    const response = await oauth.discoveryRequest(new URL(issuer), INSECURE)
    const server = await oauth.processDiscoveryResponse(new URL(issuer), response)
    return new TestClient(server, { client_id: client.clientId }, await clientAuthentication(client))
  }

  /** Opens the authorization endpoint; a parameter given as `undefined` is left out. */
  async authorize(changes: Readonly<Record<string, string | undefined>> = {}): Promise<Landing> {
    return this.browser.visit(`${this.server.authorization_endpoint}?${await this.#request(changes)}`)
  }

  /** The same by way of a request that is pushed first (RFC 9126). */
  async authorizePushed(): Promise<Landing> {
    const response = await oauth.pushedAuthorizationRequest(this.server, this.#client, this.#auth, await this.#request({}), INSECURE)
    const { request_uri } = await oauth.processPushedAuthorizationResponse(this.server, this.#client, response)
    const query = new URLSearchParams({ client_id: this.#client.client_id, request_uri })
    return this.browser.visit(`${this.server.authorization_endpoint}?${query}`)
  }

  async #request(changes: Readonly<Record<string, string | undefined>>): Promise<URLSearchParams> {
    const parameters = {
      client_id: this.#client.client_id,
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      scope: 'openid profile email offline_access',
      prompt: 'consent',
      state: this.#state,
      code_challenge: await oauth.calculatePKCECodeChallenge(this.#verifier),
      code_challenge_method: 'S256',
      ...changes,
    }
    const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined)
    return new URLSearchParams(given)
  }

  /** Checks state and iss of an answer as RFC 9207 wants, and yields what came with it. */
  callback(landing: Landing): URLSearchParams {
    return oauth.validateAuthResponse(this.server, this.#client, landing.url, this.#state)
  }

  async redeem(parameters: URLSearchParams): Promise<oauth.TokenEndpointResponse> {
    const response = await oauth.authorizationCodeGrantRequest(
      this.server,
      this.#client,
      this.#auth,
      parameters,
      REDIRECT_URI,
      this.#verifier,
      INSECURE,
    )
    return oauth.processAuthorizationCodeResponse(this.server, this.#client, response)
  }

  async refresh(refreshToken: string): Promise<oauth.TokenEndpointResponse> {
    const response = await oauth.refreshTokenGrantRequest(this.server, this.#client, this.#auth, refreshToken, INSECURE)
    return oauth.processRefreshTokenResponse(this.server, this.#client, response)
  }

  async revoke(token: string): Promise<void> {
    const response = await oauth.revocationRequest(this.server, this.#client, this.#auth, token, INSECURE)
    return oauth.processRevocationResponse(response)
  }

  me(accessToken: string): Promise<Response> {
    return oauth.userInfoRequest(this.server, this.#client, accessToken, INSECURE)
  }

  /** The person signs in and says yes. */
  async signedIn(name = 'Ada Lovelace'): Promise<URLSearchParams> {
    const consent = await this.browser.submit(await this.authorize(), { login: name })
    return this.callback(await this.browser.submit(consent, { decision: 'allow' }))
  }
}
