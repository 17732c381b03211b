import { expect, test } from 'vitest'
import { isAllowedEndpoint } from './oauth-address.ts'

test.each([
  ['https://tokens.example/token', 'https://login.example', true],
  ['https://login.example:8443/token', 'https://login.example', true],
  ['http://localhost:5001/token', 'http://127.0.0.1:5001', true],
  ['https://10.0.0.7/token', 'https://10.0.0.7', true],
  ['http://login.example/token', 'https://login.example', false],
  ['https://10.0.0.7/token', 'https://login.example', false],
  ['https://169.254.169.254/', 'https://login.example', false],
  ['https://0xa9fea9fe/', 'https://login.example', false],
  ['https://[::ffff:7f00:1]/', 'https://login.example', false],
  ['https://[fd00::1]/', 'https://login.example', false],
  ['https://localhost/', 'https://login.example', false],
  ['https://localhost./', 'https://login.example', false],
  ['https://x.localhost/', 'https://login.example', false],
  ['http://localhost.:5001/', 'http://localhost:5001', false],
  ['http://127.0.0.1:6379/', 'https://login.example', false],
  ['ftp://login.example/', 'https://login.example', false],
  ['not an address', 'https://login.example', false],
])('the endpoint "%s" of the issuer "%s": %s', (endpoint, issuer, allowed) => {
  expect(isAllowedEndpoint(endpoint, new URL(issuer))).toBe(allowed)
})
