import { generateKeyPairSync, sign } from 'node:crypto'
import type { Fetch } from '@countersign/core'
import { endlessBody, gate, silence, type VirtualRuntime, virtualRuntime } from '@countersign/core/testing'
import { expect, test } from 'vitest'
import { BearerTokens } from './bearer-tokens.ts'
import { issuerLimits } from './issuer-metadata.ts'

const ISSUER = 'https://id.example'
const AUDIENCE = 'https://agents.example/asked'
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const METADATA = { issuer: ISSUER, jwks_uri: `${ISSUER}/jwks`, token_endpoint: `${ISSUER}/token` }
const KEYS = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'key', use: 'sig' }] }

const json = (value: object) => async (): Promise<Response> => Response.json(value)

test('a token of an issuer that answers as it should is believed', async () => {
  const { runtime, tokens } = opened({})
  expect(await tokens.verify(tokenAt(runtime))).toMatchObject({ principal: { kind: 'service', name: 'client' } })
})

test.each(['metadata', 'keys'] as const)('of %s without end no more is read than may be', async (part) => {
  const { body, sent } = endlessBody()
  const { runtime, tokens } = opened({ [part]: async () => new Response(body) })
  await expect(tokens.verify(tokenAt(runtime))).rejects.toMatchObject({ code: 'upstream_failed' })
  expect(sent()).toBeLessThan(1024 * 1024 * 1.2)
})

test.each(['metadata', 'keys'] as const)('%s that do not come are not waited for', async (part) => {
  const asked = gate()
  const { runtime, tokens } = opened({ [part]: () => (asked.open(), silence()) })
  const failure = tokens.verify(tokenAt(runtime)).catch((cause: unknown) => cause)
  await asked.opened
  await runtime.advance(issuerLimits.timeoutMs)
  expect(await failure).toMatchObject({ code: 'upstream_failed' })
})

test.each(['metadata', 'keys'] as const)('a redirect from the %s is not followed', async (part) => {
  const { runtime, tokens, asked } = opened({ [part]: async () => Response.redirect('https://elsewhere.example/', 302) })
  await expect(tokens.verify(tokenAt(runtime))).rejects.toMatchObject({ code: 'upstream_failed' })
  expect(asked.filter((address) => !address.startsWith(ISSUER))).toEqual([])
})

test.each([
  ['jwks_uri', 'https://localhost/jwks'],
  ['jwks_uri', 'http://127.0.0.1:8080/jwks'],
  ['jwks_uri', 'https://[::1]/jwks'],
  ['jwks_uri', 'https://10.0.0.7/jwks'],
  ['jwks_uri', 'http://id.example/jwks'],
  ['token_endpoint', 'https://localhost/token'],
] as const)('an issuer elsewhere does not send us, by its %s, to %s', async (name, address) => {
  const { runtime, tokens, asked } = opened({ metadata: json({ ...METADATA, [name]: address }) })
  await expect(tokens.verify(tokenAt(runtime))).rejects.toMatchObject({ code: 'upstream_failed' })
  expect(asked).toEqual([`${ISSUER}/.well-known/openid-configuration`])
})

test('an issuer on this computer has its keys there', async () => {
  const issuer = 'http://localhost:9000'
  const metadata = { issuer, jwks_uri: 'http://127.0.0.1:9000/jwks', token_endpoint: `${issuer}/token` }
  const { runtime, tokens } = opened({ metadata: json(metadata) }, issuer)
  expect(await tokens.verify(tokenAt(runtime, issuer))).toMatchObject({ principal: { name: 'client' } })
})

/** What the issuer answers, where it is not what it should. */
interface Answers {
  readonly metadata?: () => Promise<Response>
  readonly keys?: () => Promise<Response>
}

function opened({ metadata = json(METADATA), keys = json(KEYS) }: Answers, issuer = ISSUER) {
  const asked: string[] = []
  const fetch: Fetch = (input) => {
    const address = input instanceof Request ? input.url : String(input)
    asked.push(address)
    return address.endsWith('/jwks') ? keys() : metadata()
  }
  const runtime = virtualRuntime({ fetch })
  return { runtime, asked, tokens: new BearerTokens({ issuer_url: issuer, audience: AUDIENCE, scopes: [] }, runtime) }
}

function tokenAt({ now }: Pick<VirtualRuntime, 'now'>, issuer = ISSUER): string {
  const iat = Math.floor(now() / 1_000)
  const claims = { iss: issuer, aud: AUDIENCE, sub: 'client', client_id: 'client', iat, exp: iat + 60 }
  const input = [{ alg: 'ES256', typ: 'at+jwt', kid: 'key' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}
