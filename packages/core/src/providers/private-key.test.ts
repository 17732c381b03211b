import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { inspect } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import type { VirtualRuntime } from '../testing/virtual-runtime.ts'
import { clientCredentials } from './client-credentials.ts'
import { hostileServer, paths } from './hostile-server.ts'
import type { HostileServer } from './hostile-server.ts'
import { hostileContext } from './hostile-sign-in.ts'

let server: HostileServer
let runtime: VirtualRuntime
beforeEach(() => {
  server = hostileServer('https://login.example')
  runtime = virtualRuntime({ fetch: (input, init) => server.answer(new Request(input, init)) })
})

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')
const [rsaJwk, ecJwk, edJwk] = [rsa, ec, ed].map(({ privateKey }) => privateKey.export({ format: 'jwk' }))
const [rsaPem, ecPem, edPem] = [rsa, ec, ed].map(({ privateKey }) => String(privateKey.export({ format: 'pem', type: 'pkcs8' })))

describe('a client that shows who it is by its key', () => {
  test.each<readonly [string, string | undefined, typeof rsa.publicKey, object]>([
    ['an RSA key in PEM', rsaPem, rsa.publicKey, { alg: 'RS256' }],
    ['a P-256 key in PEM', ecPem, ec.publicKey, { alg: 'ES256' }],
    ['an Ed25519 key in PEM', edPem, ed.publicKey, { alg: 'EdDSA' }],
    ['PEM on one line', ecPem?.replaceAll('\n', ''), ec.publicKey, { alg: 'ES256' }],
    ['PEM with written line breaks', ecPem?.replaceAll('\n', '\\n'), ec.publicKey, { alg: 'ES256' }],
    ['an RSA key as JWK', JSON.stringify(rsaJwk), rsa.publicKey, { alg: 'RS256' }],
    ['an RSA key for PS256', JSON.stringify({ ...rsaJwk, alg: 'PS256', kid: 'one' }), rsa.publicKey, { alg: 'PS256', kid: 'one' }],
    ['a P-256 key as JWK', JSON.stringify({ ...ecJwk, use: 'sig', key_ops: ['sign'] }), ec.publicKey, { alg: 'ES256' }],
    ['an Ed25519 key under its newer name', JSON.stringify({ ...edJwk, alg: 'Ed25519' }), ed.publicKey, { alg: 'EdDSA' }],
  ])('signs with %s', async (...[, client_key, publicKey, header]) => {
    await grant({ client_key })
    const [assertion] = assertions()
    expect(assertion).toMatchObject({ header, claims: { iss: 'client', sub: 'client', aud: 'https://login.example' } })
    const padding = header && 'alg' in header && header.alg === 'PS256' ? { padding: 6, saltLength: 32 } : {}
    const hash = 'alg' in header && header.alg === 'EdDSA' ? null : 'sha256'
    const key = {
      key: createPublicKey({ key: publicKey.export({ format: 'jwk' }), format: 'jwk' }),
      dsaEncoding: 'ieee-p1363',
      ...padding,
    } as const
    expect(verify(hash, Buffer.from(assertion?.signed ?? ''), key, assertion?.signature ?? Buffer.alloc(0))).toBe(true)
  })

  test('sends neither a secret nor the key, and never the same assertion twice', async () => {
    const provider = make({ client_key: ecPem })
    await provider.begin({ provider: 'robot' }, hostileContext(runtime))
    await provider.begin({ provider: 'robot' }, hostileContext(runtime))
    const [first, second] = assertions()
    expect(first?.claims.jti).not.toBe(second?.claims.jti)
    const requests = server.requests.filter(({ path }) => path === paths.token)
    expect(requests.map(({ headers }) => headers.get('authorization'))).toEqual([null, null])
    expect(JSON.stringify(requests.map(({ form }) => Object.fromEntries(form)))).not.toContain(String(ecJwk?.d))
  })

  test('names its key as the configuration says', async () => {
    await grant({ client_key: JSON.stringify({ ...ecJwk, kid: 'of the key' }), client_key_id: 'of the server' })
    expect(assertions()[0]?.header).toMatchObject({ kid: 'of the server' })
  })
})

test.each([
  ['damaged PEM', ecPem?.replace(/\n.{8}/, '\nAAAAAAAA')],
  ['a damaged JWK', JSON.stringify({ ...ecJwk, d: 'AAAA' })],
])('%s fails when it is used, naming the key and showing nothing of it', async (_name, client_key) => {
  const error: unknown = await grant({ client_key }).catch((cause: unknown) => cause)
  expect(error).toMatchObject({ code: 'invalid_config', message: expect.stringContaining('client_key of auth provider "robot"') })
  const shown = inspect(error, { depth: 9, showHidden: true })
  for (const secret of [String(ecJwk?.d), ecPem?.split('\n')[1] ?? '']) expect(shown).not.toContain(secret)
  expect(server.count(paths.token)).toBe(0)
})

test.each([
  ['a key of PKCS#1', String(rsa.privateKey.export({ format: 'pem', type: 'pkcs1' })), 'openssl pkcs8'],
  ['an encrypted key', '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----', 'ENCRYPTED PRIVATE KEY'],
  ['a public key in PEM', String(ec.publicKey.export({ format: 'pem', type: 'spki' })), 'PUBLIC KEY'],
  ['a public JWK', JSON.stringify(ec.publicKey.export({ format: 'jwk' })), 'public'],
  ['a symmetric key', JSON.stringify({ kty: 'oct', k: 'AAAA', d: 'x' }), 'RSA'],
  ['another algorithm', JSON.stringify({ ...ecJwk, alg: 'HS256' }), 'P-256'],
  ['JSON that is none', '{"kty": "EC", "d": "a-private-part"', 'JWK'],
  ['PEM that is not base64', '-----BEGIN PRIVATE KEY-----\n*a-private-part*\n-----END PRIVATE KEY-----', 'base64'],
])('%s is refused when the configuration is read, with the remedy and without the key', (_name, client_key, remedy) => {
  const { error } = clientCredentials.config.safeParse({ client_id: 'client', issuer: 'https://login.example', client_key })
  expect(error?.issues).toMatchObject([{ path: ['client_key'], message: expect.stringContaining(remedy) }])
  expect(JSON.stringify(error?.issues)).not.toContain('a-private-part')
})

function make(entry: object) {
  const config = clientCredentials.config.parse({ client_id: 'client', issuer: server.issuer, ...entry })
  return clientCredentials.create(config, { name: 'robot' })
}

async function grant(entry: object) {
  return make(entry).begin({ provider: 'robot' }, hostileContext(runtime))
}

/** What came as `client_assertion`, taken apart. */
function assertions() {
  return server.requests
    .filter(({ path }) => path === paths.token)
    .map(({ form }) => {
      expect(form.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
      const [header = '', claims = '', signature = ''] = (form.get('client_assertion') ?? '').split('.')
      const read = (part: string): Record<string, unknown> =>
        JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
      return { header: read(header), claims: read(claims), signed: `${header}.${claims}`, signature: Buffer.from(signature, 'base64url') }
    })
}
