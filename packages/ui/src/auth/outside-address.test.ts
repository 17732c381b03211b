import { expect, test } from 'vitest'
import { outsideAddress } from './outside-address.ts'

test.each(['https://login.example.com/device?user_code=AB', 'http://localhost:4000/device', 'http://127.0.0.1/d', 'http://[::1]:8080/'])(
  '"%s" may be opened',
  (address) => {
    expect(outsideAddress(address)?.href).toBe(address)
  },
)

test.each([
  'http://login.example.com/device',
  'http://localhost.evil.example/',
  'https://login.example.com@evil.example/',
  'https://:word@evil.example/',
  'javascript:alert(1)',
  'data:text/html,x',
  '/device',
  '',
  undefined,
])('"%s" is not opened', (address) => {
  expect(outsideAddress(address)).toBeNull()
})

test('a host in the letters of another script is told by what it is', () => {
  expect(outsideAddress('https://lоgin.example.com/')?.host).toBe('xn--lgin-55d.example.com')
})
