import { expect, test } from 'vitest'
import { returnAddress } from './return-path.ts'

const origin = 'http://localhost:8000'

test.each(['/', '/?theme=dark', '/index.html#top', '/chat/a%20b', '/%2F%2Fevil.example'])('%s is a path of ours', (path) => {
  expect(returnAddress(path, origin)).toBe(origin + path)
})

test.each([
  '',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '\t//evil.example',
  '/\n/evil.example',
  ' /',
  '/ /evil.example',
  'javascript:alert(1)',
  'data:text/html,x',
  'https://evil.example/',
  'http://localhost:8000/',
  'evil.example',
  '@evil.example',
  '/\u202eelpmaxe.live',
  '/auth/sign-in',
  '/auth/start/some-question',
  '/x/../auth/sign-in?return=/',
  '/api/me',
  `/${'x'.repeat(2_001)}`,
])('%j is refused', (path) => {
  expect(returnAddress(path, origin)).toBeUndefined()
})

test('what becomes two slashes when it is read stays an address of ours', () => {
  expect(returnAddress('/.//evil.example', origin)).toBe(`${origin}//evil.example`)
})
