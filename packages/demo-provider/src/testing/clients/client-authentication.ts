import { importJWK } from 'jose'
import * as oauth from 'oauth4webapi'
import { DEMO_PRIVATE_KEY } from '../../demo-clients.ts'
import type { DemoClient } from '../../demo-clients.ts'

/** How a client of the tests proves who it is. */
export async function clientAuthentication({ authentication, clientSecret = '' }: DemoClient): Promise<oauth.ClientAuth> {
  switch (authentication) {
    case 'none':
      return oauth.None()
    case 'client_secret_basic':
      return oauth.ClientSecretBasic(clientSecret)
    case 'client_secret_post':
      return oauth.ClientSecretPost(clientSecret)
    case 'private_key_jwt': {
      const key = await importJWK(DEMO_PRIVATE_KEY, 'ES256')
      if (key instanceof Uint8Array) throw new TypeError('the demo key is not a key pair')
      return oauth.PrivateKeyJwt({ key, kid: DEMO_PRIVATE_KEY.kid })
    }
  }
}
