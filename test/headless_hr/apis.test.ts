import { describe, expect, onTestFinished, test } from 'vitest'
import { directoryApi } from '../../examples/headless_hr/src/directory-api.ts'
import { hrApi } from '../../examples/headless_hr/src/hr-api.ts'
import { readEmployees, readPeople } from '../../examples/headless_hr/src/records.ts'
import { serveApi } from '../../examples/headless_hr/src/serve-api.ts'
import { freePort } from '../../tools/free-port.mjs'
import { AUDIENCE, startTokenIssuer, type TokenIssuer } from './token-issuer.ts'

const now = (): number => Math.floor(Date.now() / 1000)
const PATH = '/employees/e-1001'
const INVALID = 'Bearer error="invalid_token"'

describe('whoever has no good token is told what is missing, and learns nothing (RFC 6750 §3)', () => {
  const unknown = { status: 401, challenge: `Bearer realm="${AUDIENCE}"` }
  const malformed = { status: 400, challenge: 'Bearer error="invalid_request"' }
  test.each<{ readonly name: string; readonly authorization?: string; readonly status: number; readonly challenge: string }>([
    { name: 'no token', ...unknown },
    { name: 'another scheme', authorization: 'Basic am9objpkb2U=', ...unknown },
    { name: 'the scheme alone', authorization: 'Bearer ', ...malformed },
    { name: 'two tokens', authorization: 'Bearer one two', ...malformed },
    { name: 'no JWT', authorization: 'Bearer opaque', status: 401, challenge: INVALID },
  ])('$name', async ({ authorization, status, challenge }) => {
    const { url: issuer } = await startTokenIssuer()
    const response = await read(hrApi(readEmployees(), { issuer, audience: AUDIENCE }), PATH, authorization)
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([status, challenge])
  })

  test.each<readonly [string, (issuer: TokenIssuer) => string]>([
    ['of an unknown key', (issuer) => issuer.forged()],
    ['without a signature', (issuer) => issuer.token({}, { alg: 'none' })],
    ['that is an ID token', (issuer) => issuer.token({}, { typ: 'JWT' })],
    ['for another API', (issuer) => issuer.token({ aud: 'https://staff0.example/agent' })],
    ['of another issuer', (issuer) => issuer.token({ iss: 'https://elsewhere.example' })],
    ['that has expired', (issuer) => issuer.token({ exp: now() - 1 })],
    ['that never expires', (issuer) => issuer.token({ exp: undefined })],
    ['of nobody', (issuer) => issuer.token({ sub: undefined })],
    ['that is bound to a key', (issuer) => issuer.token({ cnf: { jkt: 'x' } })],
  ])('a token %s', async (_, tokenOf) => {
    const issuer = await startTokenIssuer()
    const response = await readEmployee(issuer, tokenOf(issuer))
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, INVALID])
    expect(await response.json()).toEqual({ error: 'invalid_token' })
  })

  test.each(['openid', '', undefined, 'read:employees read', 'xread:employee'])('the scope %j', async (scope) => {
    const issuer = await startTokenIssuer()
    const response = await readEmployee(issuer, issuer.token({ scope }))
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      403,
      'Bearer error="insufficient_scope", scope="read:employee"',
    ])
  })
})

test('a person lets their own record be read, and no other; whether there is another is not said', async () => {
  const issuer = await startTokenIssuer()
  const own = await readEmployee(issuer, issuer.token())
  expect([own.status, await own.json()]).toEqual([200, expect.objectContaining({ id: 'e-1001', name: 'John Doe', status: 'active' })])
  const others = await Promise.all(['e-1002', 'c-2001', 'e-9999'].map((id) => readEmployee(issuer, issuer.token(), `/employees/${id}`)))
  expect(await Promise.all(others.map(async (response) => [response.status, await response.json()]))).toEqual(
    others.map(() => [403, { error: 'access_denied' }]),
  )
})

test('who is on no payroll has no record', async () => {
  const issuer = await startTokenIssuer()
  const response = await readEmployee(issuer, issuer.token({ sub: 'c-2001' }), '/employees/c-2001')
  expect([response.status, await response.json()]).toEqual([404, { error: 'not_found' }])
})

test('the directory finds a person by email, whatever its letters, and nobody by an unknown one', async () => {
  const issuer = await startTokenIssuer()
  const audience = 'https://staff0.example/directory'
  const app = directoryApi(readPeople(), { issuer: issuer.url, audience })
  const bearer = `Bearer ${issuer.token({ aud: audience, scope: 'read:users' })}`
  const [john, nobody, unasked] = await Promise.all(
    ['/users?email=JDoe@staff0.com', '/users?email=jpoe@staff0.com', '/users'].map((path) => read(app, path, bearer)),
  )
  expect(await john?.json()).toEqual({ users: [{ id: 'e-1001', name: 'John Doe', email: 'jdoe@staff0.com' }] })
  expect([nobody?.status, await nobody?.json()]).toEqual([200, { users: [] }])
  expect(unasked?.status).toBe(400)
  expect((await read(app, '/users?email=jdoe@staff0.com', `Bearer ${issuer.token({ aud: audience })}`)).status).toBe(403)
})

test('an authorization server that is away is not the fault of a token, and is asked again', async () => {
  const port = await freePort()
  const api = await serveApi(hrApi(readEmployees(), { issuer: `http://127.0.0.1:${port}`, audience: AUDIENCE }), 0)
  onTestFinished(() => api.stop())
  const get = (token: string): Promise<Response> => fetch(`${api.url}${PATH}`, { headers: { authorization: `Bearer ${token}` } })
  const early = await get('opaque')
  expect([early.status, await early.json()]).toEqual([503, { error: 'temporarily_unavailable' }])
  const issuer = await startTokenIssuer(port)
  expect((await get(issuer.token())).status).toBe(200)
})

function readEmployee({ url: issuer }: TokenIssuer, token: string, path = PATH): Promise<Response> {
  return read(hrApi(readEmployees(), { issuer, audience: AUDIENCE }), path, `Bearer ${token}`)
}

async function read(app: ReturnType<typeof hrApi>, path: string, authorization: string | undefined): Promise<Response> {
  return app.request(path, authorization === undefined ? {} : { headers: { authorization } })
}
