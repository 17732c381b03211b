import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isCountersignError } from '@countersign/core'
import { virtualRuntime } from '@countersign/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { build, serverSchema } from './build.ts'
import { loadConfig } from './load-config.ts'

const entries = `
  code: {_type: oauth2_auth_code_flow, issuer: https://id.example, client_id: c}
  phone: {_type: oidc_ciba, issuer: https://id.example, client_id: c, client_secret: "\${S}"}
  device: {_type: oauth2_device_code, issuer: https://id.example, client_id: c}
  key: {_type: api_key, raw_key: "\${KEY}", origins: [https://api.example]}
  basic: {_type: http_basic, username: robot, password: "\${S}", origins: [https://api.example]}
  exchange: {_type: oauth2_token_exchange, issuer: https://id.example, client_id: c, subject_provider: phone}
  chain: {_type: chain, browser: code, terminal: device, nobody: phone}`

test('a chain, an exchange and configured secrets are understood, and every provider can be made', async () => {
  const { config } = await loaded(entries)
  const { providers } = build(config, virtualRuntime())
  expect([...providers].map(([name, { type, host }]) => [name, type, host])).toEqual([
    ['code', 'oauth2_auth_code_flow', 'id.example'],
    ['phone', 'oidc_ciba', 'id.example'],
    ['device', 'oauth2_device_code', 'id.example'],
    ['key', 'api_key', 'api.example'],
    ['basic', 'http_basic', 'api.example'],
    ['exchange', 'oauth2_token_exchange', 'id.example'],
    ['chain', 'chain', 'chain'],
  ])
  expect(providers.get('chain')?.choose?.('terminal')).toBe('device')
  expect(providers.get('exchange')?.parties?.({ provider: 'exchange' })).toEqual({ subject: { provider: 'phone' } })
})

test('no key and no password shows when the file is printed, and one in the file is warned of', async () => {
  const planted = `
  raw: {_type: api_key, raw_key: planted-key-1, origins: [https://api.example]}
  word: {_type: http_basic, username: robot, password: planted-word-1, origins: [https://api.example]}`
  const { redacted, warnings } = await loaded(entries + planted)
  expect(JSON.stringify(redacted)).not.toContain('planted')
  expect(warnings.map(({ path }) => path)).toEqual(['authentication.raw.raw_key', 'authentication.word.password'])
})

test.each([
  ['_type: chain, nobody: phon', '.nobody: there is no "phon" in "authentication"; did you mean "phone"?'],
  [
    '_type: chain, browser: chain, nobody: phone',
    '.browser: "chain" is of the type "chain": one chain cannot stand in another: name its entries here',
  ],
  [
    '_type: chain, nobody: code',
    '.nobody: "code" is of the type "oauth2_auth_code_flow": it asks in front of somebody, and nobody is there',
  ],
  [
    '_type: chain, nobody: device',
    '.nobody: "device" is of the type "oauth2_device_code": it asks in front of somebody, and nobody is there',
  ],
  ['_type: chain', ': give at least one of "browser", "terminal", "nobody"'],
  ['EXCHANGE, subject_provider: phon', '.subject_provider: there is no "phon" in "authentication"; did you mean "phone"?'],
  ['EXCHANGE, subject_provider: phone, actor_provider: agent', '.actor_provider: there is no "agent" in "authentication"'],
  ['EXCHANGE, subject_provider: key', '.subject_provider: "key" is of the type "api_key": a key is no token that can be exchanged'],
  [
    'EXCHANGE, subject_provider: exchange',
    '.subject_provider: "exchange" is of the type "oauth2_token_exchange": what was exchanged is not exchanged again',
  ],
  [
    '_type: api_key, raw_key: "${KEY}", auth_scheme: Basic',
    '.auth_scheme: expected one of "Bearer", "X-API-Key", "Custom", "Query", "Cookie"',
  ],
])('{%s} is refused where the file is read', async (entry, sentence) => {
  const wrong = entry.replace('EXCHANGE', '_type: oauth2_token_exchange, issuer: https://id.example, client_id: c')
  const error: unknown = await loaded(`${entries}\n  wrong: {${wrong}}`).catch((thrown: unknown) => thrown)
  expect(isCountersignError(error, 'invalid_config') ? error.message : 'not refused').toContain(`authentication.wrong${sentence}`)
})

/** The whole file with these providers. */
async function loaded(authentication: string) {
  const directory = await mkdtemp(join(tmpdir(), 'config-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const file = join(directory, 'w.yml')
  const rest = 'llms: {demo: {_type: keyword_router}}\nworkflow: {_type: react_agent, llm_name: demo}\n'
  await writeFile(file, `authentication:${authentication}\n${rest}`)
  return loadConfig({ file, schema: serverSchema(), environment: { S: 'a-secret-value', KEY: 'a-key-of-ours' } })
}
