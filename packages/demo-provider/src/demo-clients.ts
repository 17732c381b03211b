/** An application that may send people to this provider. */
export interface DemoClient {
  readonly clientId: string
  /** Absent for the public client. Not a secret at all: it is printed here and on the home page. */
  readonly clientSecret?: string
  /** What the consent page calls it. */
  readonly name: string
  readonly authentication: 'none' | 'client_secret_basic' | 'client_secret_post'
}

/** The seeded clients, one per way of authenticating at the token endpoint (RFC 6749 §2.3). */
export const DEMO_CLIENTS = {
  public: { clientId: 'countersign-public', name: 'Countersign demo (public client)', authentication: 'none' },
  confidential: {
    clientId: 'countersign-confidential',
    clientSecret: 'countersign-demo-secret-basic',
    name: 'Countersign demo (confidential client)',
    authentication: 'client_secret_basic',
  },
  confidentialPost: {
    clientId: 'countersign-confidential-post',
    clientSecret: 'countersign-demo-secret-post',
    name: 'Countersign demo (confidential client, secret in the body)',
    authentication: 'client_secret_post',
  },
} as const satisfies Readonly<Record<string, DemoClient>>
