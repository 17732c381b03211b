import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { onTestFinished } from 'vitest'

/** An authorization server that publishes one key and signs whatever it is given. */
export interface TokenIssuer {
  readonly url: string
  /** A good access token, but for what is said otherwise; `undefined` takes a claim away. */
  token(claims?: Readonly<Record<string, unknown>>, header?: Readonly<Record<string, unknown>>): string
  /** The same by a key that was never published. */
  forged(claims?: Readonly<Record<string, unknown>>): string
}

export const AUDIENCE = 'https://staff0.example/hr-api'

// Drawn once: it takes a while.
const [published, unpublished] = [generateKeyPairSync('rsa', { modulusLength: 2048 }), generateKeyPairSync('rsa', { modulusLength: 2048 })]

/** Starts one on this computer for the length of a test. */
export async function startTokenIssuer(port = 0): Promise<TokenIssuer> {
  const jwk = { ...published.publicKey.export({ format: 'jwk' }), kid: 'published', alg: 'RS256', use: 'sig' }
  const server = createServer((request, response) => {
    const answer = request.url === '/jwks' ? { keys: [jwk] } : { issuer: url, jwks_uri: `${url}/jwks` }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => server.close().closeAllConnections())
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const good = (): Readonly<Record<string, unknown>> => {
    const iat = Math.floor(Date.now() / 1000)
    const who = { sub: 'e-1001', client_id: 'hr-agent', jti: randomUUID() }
    return { iss: url, aud: AUDIENCE, scope: 'openid read:employee', iat, exp: iat + 60, ...who }
  }
  return {
    url,
    token: (claims = {}, header = {}) => signed({ ...good(), ...claims }, header, published.privateKey),
    forged: (claims = {}) => signed({ ...good(), ...claims }, {}, unpublished.privateKey),
  }
}

function signed(claims: object, header: Readonly<Record<string, unknown>>, key: KeyObject): string {
  const whole = { alg: 'RS256', kid: 'published', typ: 'at+jwt', ...header }
  const input = [whole, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const signature = whole.alg === 'none' ? '' : sign('sha256', Buffer.from(input), key).toString('base64url')
  return `${input}.${signature}`
}
