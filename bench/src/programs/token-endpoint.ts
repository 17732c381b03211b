/** An authorization server's token endpoint and nothing else: a code is the nonce it was asked for with, its ID tokens are signed with ES256. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tellParent } from './parent.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
let issuer = ''
let refreshes = 0

const server = createServer((request, response) => void answer(request, response))
server.listen(0, '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  tellParent(issuer, { refreshes: () => refreshes })
})

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === 'GET') return json(response, metadata())
  const form = new URLSearchParams((await request.toArray()).join(''))
  const isRefresh = form.get('grant_type') === 'refresh_token'
  if (isRefresh) refreshes += 1
  json(response, {
    access_token: `access-${refreshes}`,
    refresh_token: `refresh-${refreshes}`,
    token_type: 'bearer',
    expires_in: 3600,
    scope: 'openid',
    ...(!isRefresh && { id_token: idToken(form.get('code') ?? '') }),
  })
}

function metadata(): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    id_token_signing_alg_values_supported: ['ES256'],
  }
}

function idToken(nonce: string): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: issuer, aud: 'bench', sub: 'ada', iat: now, exp: now + 300, nonce }
  const text = [{ alg: 'ES256' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

function json(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(value))
}
