import { expect, test } from 'vitest'
import { parseCommandLine } from './command-line.ts'

test('arguments win over the environment', () => {
  const environment = { DEMO_PROVIDER_PORT: '6001', DEMO_PROVIDER_REDIRECT_URI: 'http://a.test/ http://b.test/' }
  expect(parseCommandLine([], environment)).toEqual({
    action: 'start',
    options: { port: 6001, redirectUris: ['http://a.test/', 'http://b.test/'] },
  })
  expect(parseCommandLine(['--port', '0', '--redirect-uri', 'http://c.test/', '--redirect-uri=http://d.test/'], environment)).toEqual({
    action: 'start',
    options: { port: 0, redirectUris: ['http://c.test/', 'http://d.test/'] },
  })
})

test('an empty variable counts as none', () => {
  expect(parseCommandLine([], { DEMO_PROVIDER_PORT: '', DEMO_PROVIDER_REDIRECT_URI: ' ' })).toEqual({ action: 'start', options: {} })
})

test('pings and polls are set on the command line', () => {
  expect(parseCommandLine(['--ping-endpoint', 'http://127.0.0.1:1/p', '--poll-interval', '2'], {})).toEqual({
    action: 'start',
    options: { pingEndpoint: 'http://127.0.0.1:1/p', pollIntervalSeconds: 2 },
  })
  expect(parseCommandLine([], { DEMO_PROVIDER_PING_ENDPOINT: 'http://127.0.0.1:2/' })).toMatchObject({
    options: { pingEndpoint: 'http://127.0.0.1:2/' },
  })
})

test('help is help whatever else is asked', () => {
  expect(parseCommandLine(['--port', '1', '--help'], {})).toEqual({ action: 'help' })
})

test('an unknown argument and a port that is no number are refused', () => {
  expect(() => parseCommandLine(['--host', '0.0.0.0'], {})).toThrow(/--host/)
  expect(() => parseCommandLine(['--port', 'many'], {})).toThrow('port must be a whole number from 0 to 65535, not "many"')
})
