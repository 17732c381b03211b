import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { inspect } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Credential } from '../auth/credential.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import type { VirtualRuntime } from '../testing/virtual-runtime.ts'
import { dpopProof } from './dpop-proof.ts'
import { hostileServer, issued, paths, tokenBody } from './hostile-server.ts'
import type { HostileServer } from './hostile-server.ts'
import { hostileContext, hostileProvider, openSignIn } from './hostile-sign-in.ts'

let server: HostileServer
let runtime: VirtualRuntime
beforeEach(() => {
  server = hostileServer('https://login.example')
  server.script[paths.token] = () => Response.json(tokenBody({ token_type: 'DPoP' }))
  runtime = virtualRuntime({ fetch: (input, init) => server.answer(new Request(input, init)) })
})

const entry = { dpop: true }

describe('a sign-in whose token is bound to a key', () => {
  test('says at the start which key, and proves it when the token is fetched', async () => {
    const signIn = await openSignIn({ server, runtime, entry })
    const { step } = await signIn.comeBack()
    const [proof] = proofsAt(paths.token)
    expect(proof).toMatchObject({ header: { typ: 'dpop+jwt', alg: 'ES256' }, claims: { htm: 'POST', htu: 'https://login.example/token' } })
    expect(signIn.address.searchParams.get('dpop_jkt')).toBe(proof?.thumbprint)
    expect(step).toMatchObject({ status: 'granted', credential: { tokenType: 'dpop' } })
  })

  test('has a key of its own, which shows nowhere', async () => {
    const signIns = [await openSignIn({ server, runtime, entry }), await openSignIn({ server, runtime, entry })]
    const ends = await Promise.all(signIns.map((signIn) => signIn.comeBack()))
    expect(new Set(proofsAt(paths.token).map(({ thumbprint }) => thumbprint)).size).toBe(2)
    const keys = signIns.map(({ sent }) => (JSON.parse(sent['proofKey'] ?? '') as { readonly d: string }).d)
    const shown = inspect([ends.map(({ step }) => step), server.requests, signIns.map(({ address }) => address)], { depth: 12 })
    for (const key of keys) expect(shown).not.toContain(key)
  })

  test.each([
    ['a bearer token where a bound one was asked for', entry, 'Bearer'],
    ['a bound token where a bearer token was asked for', {}, 'DPoP'],
  ])('does not take %s', async (_name, configured, token_type) => {
    server.script[paths.token] = () => Response.json(tokenBody({ token_type }))
    const { error } = await (await openSignIn({ server, runtime, entry: configured })).comeBack()
    expect(error).toMatchObject({ code: 'upstream_failed' })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(issued.accessToken)
  })

  test('is renewed with the same key, whatever the configuration says by then', async () => {
    const credential = await signedIn()
    const renewed = await hostileProvider({ server }).refresh?.(credential, hostileContext(runtime))
    const [first, second] = proofsAt(paths.token)
    expect(second?.thumbprint).toBe(first?.thumbprint)
    expect(renewed?.tokenType).toBe('dpop')
    expect(renewed?.proofKey?.reveal()).toBe(credential.proofKey?.reveal())
  })
})

describe('a server that wants its nonce in the proof', () => {
  const wantsNonce = (nonce: string): Response =>
    Response.json({ error: 'use_dpop_nonce' }, { status: 400, headers: { 'dpop-nonce': nonce } })

  test('is asked once more, with it; from then on it is there at once', async () => {
    server.script[paths.token] = (_form, request) =>
      proofOf(request.headers).claims['nonce'] === 'n1' ? Response.json(tokenBody({ token_type: 'DPoP' })) : wantsNonce('n1')
    const provider = hostileProvider({ server, entry })
    const credential = await signedIn()
    await provider.refresh?.(credential, hostileContext(runtime))
    await provider.refresh?.(credential, hostileContext(runtime))
    expect(proofsAt(paths.token).map(({ claims }) => claims['nonce'])).toEqual([undefined, 'n1', undefined, 'n1', 'n1'])
  })

  test('sees a new proof and a new assertion of the client: neither comes twice', async () => {
    let times = 0
    server.script[paths.token] = () => ((times += 1) === 1 ? wantsNonce('n1') : Response.json(tokenBody({ token_type: 'DPoP' })))
    const client_key = String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }))
    const signIn = await openSignIn({ server, runtime, entry: { ...entry, client_secret: undefined, client_key } })
    expect((await signIn.comeBack()).step).toMatchObject({ status: 'granted' })
    const forms = server.requests.filter(({ path }) => path === paths.token).map(({ form }) => form)
    expect(forms.map((form) => form.getAll('client_assertion').length)).toEqual([1, 1])
    expect(forms[1]?.get('client_assertion')).not.toBe(forms[0]?.get('client_assertion'))
    expect(forms.map((form) => [form.get('grant_type'), form.get('code'), form.get('code_verifier')])).toEqual(
      forms.map(() => ['authorization_code', 'the-code-1d4b', signIn.sent['verifier']]),
    )
    const [first, second] = proofsAt(paths.token)
    expect(second?.claims['jti']).not.toBe(first?.claims['jti'])
  })

  test('and never takes it is asked twice, not for ever', async () => {
    let nonces = 0
    server.script[paths.token] = () => wantsNonce(`n${(nonces += 1)}`)
    const { error } = await (await openSignIn({ server, runtime, entry })).comeBack()
    expect(error).toMatchObject({ code: 'upstream_failed', details: { error: 'use_dpop_nonce' } })
    expect(server.count(paths.token)).toBe(2)
  })

  test('but refuses the grant for another reason is not asked again', async () => {
    server.script[paths.token] = () => Response.json({ error: 'invalid_grant' }, { status: 400, headers: { 'dpop-nonce': 'n1' } })
    const { error } = await (await openSignIn({ server, runtime, entry })).comeBack()
    expect(error).toMatchObject({ code: 'invalid_grant' })
    expect(server.count(paths.token)).toBe(1)
  })
})

test('a proof for an API is for one request, one token and one nonce', async () => {
  const credential = await signedIn()
  const url = 'https://api.example/reports?month=7#top'
  const proof = takenApart(await dpopProof(credential, { method: 'GET', url, nonce: 'of the API' }))
  expect(proof.claims).toMatchObject({ htm: 'GET', htu: 'https://api.example/reports', nonce: 'of the API' })
  expect(proof.claims['ath']).toBe(createHash('sha256').update(issued.accessToken).digest('base64url'))
  expect(proof.thumbprint).toBe(proofsAt(paths.token)[0]?.thumbprint)
})

async function signedIn(): Promise<Credential> {
  const { step } = await (await openSignIn({ server, runtime, entry })).comeBack()
  if (step?.status !== 'granted') throw new Error(`not granted: ${JSON.stringify(step)}`)
  return step.credential
}

function proofsAt(path: string) {
  return server.requests.filter((request) => request.path === path).map(({ headers }) => proofOf(headers))
}

function proofOf(headers: Headers) {
  return takenApart(headers.get('dpop') ?? '')
}

/** A proof whose signature is its own key's (RFC 9449 §4.3), and the key's thumbprint (RFC 7638). */
function takenApart(proof: string) {
  const [header = '', claims = '', signature = ''] = proof.split('.')
  const read = (part: string): Record<string, unknown> => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
  const { jwk } = read(header) as { jwk: Record<string, string> }
  const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' } as const
  expect(verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(true)
  expect(Object.keys(jwk).toSorted()).toEqual(['crv', 'kty', 'x', 'y'])
  const members = JSON.stringify({ crv: jwk['crv'], kty: jwk['kty'], x: jwk['x'], y: jwk['y'] })
  return { header: read(header), claims: read(claims), thumbprint: createHash('sha256').update(members).digest('base64url') }
}
