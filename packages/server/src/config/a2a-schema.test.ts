import { expect, test } from 'vitest'
import { a2aProblem, a2aSchema } from './a2a-schema.ts'

const server_auth = { issuer_url: 'https://login.example.com', audience: 'https://agent.example' }

test.each([
  ['localhost', undefined, 'fine'],
  ['127.0.0.1', undefined, 'fine'],
  ['127.8.8.8', undefined, 'fine'],
  ['::1', undefined, 'fine'],
  ['127.0.0.1', 'http://localhost:8000', 'fine'],
  ['0.0.0.0', undefined, 'needs "server_auth"'],
  ['::', undefined, 'needs "server_auth"'],
  ['10.0.0.7', undefined, 'needs "server_auth"'],
  ['127.evil.example', undefined, 'needs "server_auth"'],
  ['127.0.0.1', 'https://agent.example', 'needs "server_auth"'],
])('without tokens an agent on %s, known as %s, is %s', (host, publicUrl, problem) => {
  const frontEnd = { host, ...(publicUrl !== undefined && { public_url: publicUrl }) }
  const found = a2aProblem({ ...frontEnd, a2a: a2aSchema.parse({}) })
  expect(found ?? 'fine').toContain(problem)
  expect(a2aProblem({ ...frontEnd, a2a: a2aSchema.parse({ server_auth }) })).toBeUndefined()
})

test.each(['http://login.example.com', 'http://10.0.0.7', 'ftp://login.example.com', 'login.example.com'])(
  'the keys of an issuer are not fetched from %s',
  (issuer_url) => {
    expect(a2aSchema.safeParse({ server_auth: { ...server_auth, issuer_url } }).success).toBe(false)
  },
)

test.each(['two words', 'a"quote', 'back\\slash', ''])('%j is no scope: it could not stand in a challenge', (scope) => {
  expect(a2aSchema.safeParse({ server_auth: { ...server_auth, scopes: [scope] } }).success).toBe(false)
})
