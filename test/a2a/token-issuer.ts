import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'

/** What the agent of these tests is called in tokens, and what they must allow. */
export const AUDIENCE = 'https://agents.example/asked'
export const SCOPE = 'ask:agent'

type Members = Readonly<Record<string, unknown>>

/** An authorization server that gives any client a token for itself, and signs whatever a test wants signed. */
export interface TokenIssuer {
  readonly url: string
  /** How often its keys were read. */
  readonly keyReads: number
  /** A good token of a client, but for what is said otherwise; `undefined` takes a member away. */
  token(client: string, claims?: Members, header?: Members): string
  /** The same, signed by somebody else. */
  forged(client: string): string
  /** Publishes another key in place of the one before, and signs with it. */
  rotate(): void
  /** From now on nobody is answered. */
  leave(): void
}

interface Key {
  readonly kid: string
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const [first, second, stranger] = [newKey(), newKey(), newKey()]

/** Starts one on this computer for the length of a test. */
export async function startTokenIssuer(): Promise<TokenIssuer> {
  let key = first
  let isThere = true
  let keyReads = 0
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isThere) return void request.socket.destroy()
    const path = new URL(request.url ?? '/', url).pathname
    if (path === '/jwks') keyReads += 1
    const found = path === '/token' ? tokenAnswer(await readBody(request)) : documents()[path]
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? {}))
  }
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => server.close().closeAllConnections())
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const documents = (): Members => ({
    '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/jwks`, token_endpoint: `${url}/token` },
    '/jwks': { keys: [{ ...key.publicKey.export({ format: 'jwk' }), kid: key.kid, use: 'sig' }] },
  })
  const token = (client: string, claims: Members = {}, header: Members = {}): string =>
    signed({ ...goodClaims(url, client), ...claims }, { kid: key.kid, ...header }, key.privateKey)
  const tokenAnswer = (form: URLSearchParams): object => ({
    access_token: token(form.get('client_id') ?? '', { scope: form.get('scope') ?? '' }),
    token_type: 'Bearer',
    expires_in: 60,
  })
  return {
    url,
    token,
    forged: (client) => signed(goodClaims(url, client), { kid: key.kid }, stranger.privateKey),
    get keyReads() {
      return keyReads
    },
    rotate() {
      key = second
    },
    leave() {
      isThere = false
    },
  }
}

function goodClaims(iss: string, client: string): Members {
  const iat = Math.floor(Date.now() / 1_000)
  return { iss, aud: AUDIENCE, sub: client, client_id: client, scope: SCOPE, jti: randomUUID(), iat, exp: iat + 60 }
}

function signed(claims: Members, header: Members, key: KeyObject): string {
  const whole = { alg: 'ES256', typ: 'at+jwt', ...header }
  const input = [whole, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${input}.${whole.alg === 'none' ? '' : sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

function newKey(): Key {
  return { kid: randomUUID(), ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) }
}

async function readBody(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const piece of request) text += String(piece)
  return new URLSearchParams(text)
}
