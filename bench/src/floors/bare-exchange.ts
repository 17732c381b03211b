import * as oauth from 'oauth4webapi'

/** The exchange of a code as the protocol library alone makes it: callback checked, token request, ID token checked; nothing is kept. */
export interface BareExchange {
  /** @returns how long it took, milliseconds */
  exchange(): Promise<number>
}

/** Reads the server's metadata once, as a client would. */
export async function bareExchange(issuer: string): Promise<BareExchange> {
  const options = { [oauth.allowInsecureRequests]: true }
  const url = new URL(issuer)
  const server = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, options))
  const client = { client_id: 'bench' }
  const redirectUri = 'http://127.0.0.1/auth/redirect'
  return {
    async exchange() {
      const [state, nonce, verifier] = [oauth.generateRandomState(), oauth.generateRandomNonce(), oauth.generateRandomCodeVerifier()]
      await oauth.calculatePKCECodeChallenge(verifier)
      const callback = new URL(`${redirectUri}?${new URLSearchParams({ code: nonce, state }).toString()}`)
      const startedAt = performance.now()
      const parameters = oauth.validateAuthResponse(server, client, callback, state)
      const response = await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), parameters, redirectUri, verifier, options)
      await oauth.processAuthorizationCodeResponse(server, client, response, { expectedNonce: nonce })
      return performance.now() - startedAt
    },
  }
}
