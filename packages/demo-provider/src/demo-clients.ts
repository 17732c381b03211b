import type { JWK } from 'jose'

/** What a client may ask the token endpoint for, in short words. */
export type DemoGrant = 'authorization_code' | 'refresh_token' | 'client_credentials' | 'ciba' | 'device_code' | 'token_exchange'

/** An application that may send people to this provider, or ask it for tokens. */
export interface DemoClient {
  readonly clientId: string
  /** For the two methods that send one. Not a secret at all: it is printed here and on the home page. */
  readonly clientSecret?: string | undefined
  /** What the pages call it. */
  readonly name: string
  readonly authentication: 'none' | 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt'
  /** Default: the authorization code flow and refresh tokens. */
  readonly grants?: readonly DemoGrant[] | undefined
  /** What checks its assertions, for `private_key_jwt`. */
  readonly publicKey?: JWK | undefined
  /** Where it is told that a person decided (CIBA ping mode), on this computer; without it the client polls. */
  readonly pingEndpoint?: string | undefined
  /** An application on the person's own computer: the port of its loopback redirects may vary (RFC 8252 §7.3). */
  readonly isNative?: true | undefined
  /** Default: those of the provider, or `/auth/redirect` on loopback for a native application. */
  readonly redirectUris?: readonly string[] | undefined
}

/** The seeded clients of the authorization code flow, one per way of sending a secret (RFC 6749 §2.3). */
export const DEMO_CLIENTS = {
  public: { clientId: 'countersign-public', name: 'Countersign demo (public client)', authentication: 'none' },
  confidential: {
    clientId: 'countersign-confidential',
    clientSecret: 'demo-secret-of-countersign-basic',
    name: 'Countersign demo (confidential client)',
    authentication: 'client_secret_basic',
  },
  confidentialPost: {
    clientId: 'countersign-confidential-post',
    clientSecret: 'demo-secret-of-countersign-post',
    name: 'Countersign demo (confidential client, secret in the body)',
    authentication: 'client_secret_post',
  },
} as const satisfies Readonly<Record<string, DemoClient>>

/** The public half of the key below. */
const SERVICE_KEY = {
  kty: 'EC',
  crv: 'P-256',
  kid: 'countersign-demo-key',
  alg: 'ES256',
  x: 'l1A87xcE2mcan1E7CzWLy2XsOy1g3U2pCV6WN01_mT4',
  y: '1cYA6k1wEXtb88GWMlp8xVyOeihUe9cB8-7mOJDdRPc',
} as const

/** The key of `countersign-service-key`: demo material that everybody may read, like the secrets beside it. */
export const DEMO_PRIVATE_KEY = { ...SERVICE_KEY, d: 'Paw8b4ps4EwXOdBOw4kMjM5nTPZsA0w2_eckFxiezw4' } as const satisfies JWK

/** The seeded clients without a browser of their own: a terminal, phones that are asked, services that act as themselves. */
export const HEADLESS_CLIENTS = {
  terminal: {
    clientId: 'countersign-terminal',
    name: 'Countersign demo (terminal)',
    authentication: 'none',
    grants: ['authorization_code', 'refresh_token', 'device_code'],
    isNative: true,
  },
  ciba: {
    clientId: 'countersign-ciba',
    clientSecret: 'demo-secret-of-countersign-ciba',
    name: 'Countersign demo (asks on the phone)',
    authentication: 'client_secret_basic',
    grants: ['ciba', 'refresh_token'],
  },
  /** Told where to ping by the option `pingEndpoint`. */
  cibaPing: {
    clientId: 'countersign-ciba-ping',
    clientSecret: 'demo-secret-of-countersign-ping',
    name: 'Countersign demo (asks on the phone, is pinged)',
    authentication: 'client_secret_basic',
    grants: ['ciba', 'refresh_token'],
  },
  service: {
    clientId: 'countersign-service',
    clientSecret: 'demo-secret-of-countersign-service',
    name: 'Countersign demo (service)',
    authentication: 'client_secret_basic',
    grants: ['client_credentials'],
  },
  serviceKey: {
    clientId: 'countersign-service-key',
    name: 'Countersign demo (service with a key)',
    authentication: 'private_key_jwt',
    grants: ['client_credentials', 'ciba'],
    publicKey: SERVICE_KEY,
  },
  exchange: {
    clientId: 'countersign-exchange',
    clientSecret: 'demo-secret-of-countersign-exchange',
    name: 'Countersign demo (exchanges tokens)',
    authentication: 'client_secret_basic',
    grants: ['token_exchange', 'client_credentials'],
  },
} as const satisfies Readonly<Record<string, DemoClient>>
