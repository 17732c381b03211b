import * as oauth from 'oauth4webapi'
import { TOKEN_EXCHANGE } from '../../client-metadata.ts'
import type { DemoClient } from '../../demo-clients.ts'
import { clientAuthentication } from './client-authentication.ts'

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const INSECURE = { [oauth.allowInsecureRequests]: true }

type Parameters = Readonly<Record<string, string>>

/** A client of the tests that has no browser: asks phones, shows codes, exchanges tokens, through oauth4webapi. */
export class TestService {
  readonly server: oauth.AuthorizationServer
  readonly client: oauth.Client
  readonly authentication: oauth.ClientAuth

  private constructor(server: oauth.AuthorizationServer, client: oauth.Client, authentication: oauth.ClientAuth) {
    this.server = server
    this.client = client
    this.authentication = authentication
  }

  static async of(issuer: string, client: DemoClient): Promise<TestService> {
    const response = await oauth.discoveryRequest(new URL(issuer), INSECURE)
    const server = await oauth.processDiscoveryResponse(new URL(issuer), response)
    return new TestService(server, { client_id: client.clientId }, await clientAuthentication(client))
  }

  async clientCredentials(
    parameters: Parameters,
    options: { readonly DPoP?: oauth.DPoPHandle } = {},
  ): Promise<oauth.TokenEndpointResponse> {
    const { server, client, authentication } = this
    const response = await oauth.clientCredentialsGrantRequest(server, client, authentication, parameters, { ...INSECURE, ...options })
    return oauth.processClientCredentialsResponse(server, client, response)
  }

  /** Asks a person on their phone. */
  async ask(parameters: Parameters): Promise<oauth.BackchannelAuthenticationResponse> {
    const { server, client, authentication } = this
    const response = await oauth.backchannelAuthenticationRequest(
      server,
      client,
      authentication,
      { scope: 'openid', ...parameters },
      INSECURE,
    )
    return oauth.processBackchannelAuthenticationResponse(server, client, response)
  }

  async poll(authReqId: string, options: { readonly DPoP?: oauth.DPoPHandle } = {}): Promise<oauth.TokenEndpointResponse> {
    const { server, client, authentication } = this
    const all = { ...INSECURE, ...options }
    const response = await oauth.backchannelAuthenticationGrantRequest(server, client, authentication, authReqId, all)
    return oauth.processBackchannelAuthenticationGrantResponse(server, client, response)
  }

  async showCode(parameters: Parameters): Promise<oauth.DeviceAuthorizationResponse> {
    const { server, client, authentication } = this
    const response = await oauth.deviceAuthorizationRequest(server, client, authentication, parameters, INSECURE)
    return oauth.processDeviceAuthorizationResponse(server, client, response)
  }

  async pollDevice(deviceCode: string): Promise<oauth.TokenEndpointResponse> {
    const { server, client, authentication } = this
    const response = await oauth.deviceCodeGrantRequest(server, client, authentication, deviceCode, INSECURE)
    return oauth.processDeviceCodeResponse(server, client, response)
  }

  async refresh(refreshToken: string): Promise<oauth.TokenEndpointResponse> {
    const { server, client, authentication } = this
    const response = await oauth.refreshTokenGrantRequest(server, client, authentication, refreshToken, INSECURE)
    return oauth.processRefreshTokenResponse(server, client, response)
  }

  async exchange(subjectToken: string, parameters: Parameters): Promise<oauth.TokenEndpointResponse> {
    const { server, client, authentication } = this
    const all = { subject_token: subjectToken, subject_token_type: ACCESS_TOKEN, ...parameters }
    const response = await oauth.genericTokenEndpointRequest(server, client, authentication, TOKEN_EXCHANGE, all, INSECURE)
    return oauth.processGenericTokenEndpointResponse(server, client, response)
  }

  async introspect(token: string): Promise<oauth.IntrospectionResponse> {
    const { server, client, authentication } = this
    const response = await oauth.introspectionRequest(server, client, authentication, token, INSECURE)
    return oauth.processIntrospectionResponse(server, client, response)
  }
}
