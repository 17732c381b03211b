import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Registry, Secret } from '@countersign/core'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { ComponentDefinition } from './component.ts'
import { loadConfig } from './load-config.ts'
import type { LoadedConfig, LoadOptions } from './load-config.ts'
import { formatProblem } from './problem.ts'
import { buildConfigSchema } from './schema.ts'

function registry(sort: string, ...definitions: ComponentDefinition[]): Registry<ComponentDefinition> {
  return new Registry(sort, Object.fromEntries(definitions.map((definition) => [definition.type, definition])))
}

const model = z.strictObject({
  model_name: z.string(),
  api_key: z
    .string()
    .transform((key) => new Secret(key))
    .optional(),
  base_url: z.url().optional(),
  temperature: z.number().min(0).default(0.7),
  max_tokens: z.int().optional(),
})
const schema = buildConfigSchema({
  functions: registry(
    'function',
    {
      type: 'who_am_i',
      config: z.strictObject({ auth_provider: z.string(), timeout: z.number().default(10) }),
      references: [{ key: 'auth_provider', to: 'authentication' }],
    },
    { type: 'clock', config: z.strictObject({ utc: z.boolean().default(false), limit: z.union([z.number(), z.boolean()]).optional() }) },
  ),
  llms: registry('model', { type: 'nim', config: model, aliases: { model: 'model_name' } }, { type: 'openai', config: model }),
  authentication: registry('auth provider', {
    type: 'oauth2_auth_code_flow',
    config: z.strictObject({
      client_id: z.string(),
      client_secret: z
        .string()
        .transform((secret) => new Secret(secret))
        .optional(),
      token_url: z.url(),
      token_endpoint_auth_method: z.enum(['client_secret_post', 'client_secret_basic', 'none']).default('client_secret_post'),
      authorization_url: z.url(),
      redirect_uri: z.url().optional(),
      scopes: z.array(z.string()).default([]),
      use_pkce: z.boolean().default(true),
    }),
    ignored: ['preflight_auth'],
  }),
  workflows: registry('workflow', {
    type: 'react_agent',
    config: z.strictObject({
      tool_names: z.array(z.string()).default([]),
      llm_name: z.string(),
      max_tool_calls: z.int().default(15),
      system_prompt: z.string().optional(),
    }),
    references: [
      { key: 'tool_names', to: 'functions' },
      { key: 'llm_name', to: 'llms' },
    ],
    aliases: { max_iterations: 'max_tool_calls' },
    ignored: ['verbose', 'parse_agent_response_max_retries'],
  }),
})

/** The simple_auth example of NAT, with its own keys and values. */
const simpleAuth = `general:
  telemetry:
    logging:
      console:
        _type: console
        level: WARN
  front_end:
    _type: fastapi
    cors:
      allow_origins: ["http://localhost:3000", "http://localhost:5001", "http://127.0.0.1:5001"]
      allow_headers: ["*"]
      allow_methods: ["*"]

functions:
  who_am_i_function:
    _type: who_am_i
    auth_provider: test_auth_provider

llms:
  nim_llm:
    _type: nim
    model_name: meta/llama-3.1-70b-instruct
    temperature: 0.0
    max_tokens: 1024

authentication:
  test_auth_provider:
    _type: oauth2_auth_code_flow
    redirect_uri: http://localhost:8000/auth/redirect
    authorization_url: http://localhost:5001/oauth/authorize
    token_url: http://localhost:5001/oauth/token
    token_endpoint_auth_method: client_secret_post
    scopes: [openid, profile, email]
    client_id: \${NAT_OAUTH_CLIENT_ID}
    client_secret: \${NAT_OAUTH_CLIENT_SECRET}
    use_pkce: false
    preflight_auth: true

workflow:
  _type: react_agent
  tool_names: [who_am_i_function]
  llm_name: nim_llm
  verbose: true
  parse_agent_response_max_retries: 3
`
const minimal = 'llms: {demo: {_type: nim, model_name: m}}\nworkflow: {_type: react_agent, llm_name: demo}\n'

async function load(
  files: string | Readonly<Record<string, string>>,
  options: Partial<LoadOptions> = {},
): Promise<LoadedConfig & { readonly directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'config-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  for (const [name, text] of Object.entries(typeof files === 'string' ? { 'demo.yml': files } : files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await writeFile(join(directory, name), text)
  }
  return { ...(await loadConfig({ file: join(directory, 'demo.yml'), schema, environment: {}, ...options })), directory }
}

test('the simple_auth file of NAT loads as it stands', async () => {
  const environment = { NAT_OAUTH_CLIENT_ID: '12345678', NAT_OAUTH_CLIENT_SECRET: 'ab #cd: "e" ${HOME}' }
  const { config, warnings, redacted, directory } = await load(simpleAuth, { environment })
  expect(config.general.front_end).toMatchObject({
    host: 'localhost',
    port: 8000,
    oauth2_callback_path: '/auth/redirect',
    cors: { allow_origins: ['http://localhost:3000', 'http://localhost:5001', 'http://127.0.0.1:5001'] },
  })
  expect(config.functions.get('who_am_i_function')).toEqual({
    name: 'who_am_i_function',
    type: 'who_am_i',
    config: { auth_provider: 'test_auth_provider', timeout: 10 },
  })
  expect(config.authentication.get('test_auth_provider')?.config).toMatchObject({ client_id: '12345678', use_pkce: false })
  const provider = config.authentication.get('test_auth_provider')?.config as { readonly client_secret: Secret }
  expect(provider.client_secret.reveal()).toBe(environment.NAT_OAUTH_CLIENT_SECRET)
  expect(config.workflow).toMatchObject({ name: 'workflow', type: 'react_agent', config: { max_tool_calls: 15 } })
  expect(config.store.url).toBe(`sqlite:${directory}/.countersign/countersign.db`)
  expect(warnings.map(({ path, sentence }) => `${path} ${sentence}`)).toEqual([
    'general.front_end.cors.allow_headers has no effect here',
    'general.front_end.cors.allow_methods has no effect here',
    'authentication.test_auth_provider.preflight_auth has no effect here',
    'workflow.verbose has no effect here',
    'workflow.parse_agent_response_max_retries has no effect here',
  ])
  expect(redacted).toMatchObject({ authentication: { test_auth_provider: { client_id: '12345678', client_secret: '***' } } })
  expect(JSON.stringify(redacted)).not.toContain('#cd')
})

test('variables become what the schema wants, and are not looked at again', async () => {
  const text = `functions:
  a: {_type: clock, utc: "\${UTC}", limit: "\${LIMIT:-7}"}
llms: {demo: {_type: nim, model: "\${MODEL}", temperature: "\${T:?say how}"}}
general: {front_end: {port: "\${PORT:-8010}", host: "a-\${HOST:-b}"}}
workflow: {_type: react_agent, llm_name: demo, system_prompt: "pay $5 or $\${PORT} by \${PAY}"}
`
  const { config, redacted } = await load(text, { environment: { UTC: 'true', MODEL: '4711', T: '0.5', PAY: '${PORT}' } })
  expect(config.functions.get('a')?.config).toEqual({ utc: true, limit: 7 })
  expect(config.llms.get('demo')?.config).toEqual({ model_name: '4711', temperature: 0.5 })
  expect(config.general.front_end).toMatchObject({ port: 8010, host: 'a-b' })
  expect(config.workflow.config).toMatchObject({ system_prompt: 'pay $5 or ${PORT} by ${PORT}' })
  expect(redacted).toMatchObject({ general: { front_end: { port: 8010 } }, functions: { a: { _type: 'clock', utc: true } } })
})

test('a base is merged deeply, lists are replaced, and a value that is replaced need not be right', async () => {
  const files = {
    'demo.yml': 'base: bases/middle.yml\ngeneral: {front_end: {port: 1}}\nworkflow: {tool_names: [a]}\n',
    'bases/middle.yml': 'base: ../root.yml\ngeneral: {front_end: {host: h}}\nfunctions: {a: {_type: clock}}\n',
    'root.yml': `${minimal.replace('llm_name: demo', 'llm_name: demo, tool_names: [x, y]')}general: {front_end: {port: "\${UNSET}", oauth2_callback_path: /r}}\n`,
  }
  const { config } = await load(files)
  expect(config.general.front_end).toMatchObject({ host: 'h', port: 1, oauth2_callback_path: '/r' })
  expect(config.workflow.config).toMatchObject({ tool_names: ['a'], llm_name: 'demo' })
})

test('overrides have the type of what they replace, and new ones what the schema wants', async () => {
  const text = `${minimal}functions: {a: {_type: clock}, b: {_type: clock}}\ngeneral: {front_end: {port: 1, host: "1"}}\n`
  const { config, warnings } = await load(text.replace('llm_name: demo', 'llm_name: demo, tool_names: [a]'), {
    overrides: [
      { path: 'general.front_end.port', value: '8010' },
      { path: 'general.front_end.host', value: '127' },
      { path: 'workflow.tool_names', value: 'a, b' },
      { path: 'functions.a.utc', value: 'true' },
      { path: 'general.front_end.limits.max_sockets', value: '5' },
      { path: 'llms.demo.api_key', value: 'sk-${NOT_A_VARIABLE}' },
    ],
  })
  expect(config.general.front_end).toMatchObject({ port: 8010, host: '127', limits: { max_sockets: 5 } })
  expect(config.workflow.config).toMatchObject({ tool_names: ['a', 'b'] })
  expect(config.functions.get('a')?.config).toMatchObject({ utc: true })
  expect(warnings.map(formatProblem)).toEqual([
    '--override llms.demo.api_key: a secret on the command line can be seen by others; put it into a variable: ${API_KEY}',
  ])
})

test('options of NAT that do nothing here are named', async () => {
  const { warnings } = await load(
    `${minimal}general: {use_uvloop: true, front_end: {_type: fastapi, workers: 4, workflow: {websocket_path: /ws, path: /v1}}}\neval: {}\n`,
  )
  expect(warnings.map(({ path }) => path)).toEqual([
    'eval',
    'general.use_uvloop',
    'general.front_end.workers',
    'general.front_end.workflow.path',
  ])
})

test('secrets in clear are warned of, shown nowhere, and refused when it is strict', async () => {
  const text = minimal.replace('model_name: m', 'api_key: sk-planted-1, model_name: m, base_url: "https://u:planted-2@host/x"')
  const { warnings, redacted } = await load(text)
  const line = 'llms: {demo: {_type: nim, api_key: ***, model_name: m, base_url: ***}}'
  const said = [
    `demo.yml:1:36 llms.demo.api_key: a secret stands here in clear; put it into a variable: \${API_KEY}\n    ${line}\n${' '.repeat(39)}^`,
    `demo.yml:1:75 llms.demo.base_url: a secret stands here in clear; put it into a variable: \${NAME}\n    ${line}\n${' '.repeat(69)}^`,
  ]
  expect(warnings.map(formatProblem).map((warning) => warning.replace(/^.*\//, ''))).toEqual(said)
  expect(redacted).toMatchObject({ llms: { demo: { api_key: '***', base_url: 'https://u:***@host/x' } } })
  const refused: unknown = await load(text, { isStrict: true }).catch((error: unknown) => error)
  expect(String(refused).replaceAll(/\/[^ ]*\//g, '')).toBe(`CountersignError: ${said.join('\n')}`)
})

test('a secret that stands there as the default of a variable is one in clear', async () => {
  const text = minimal.replace('model_name: m', 'api_key: "${KEY:-sk-planted}", model_name: "${MODEL_TOKEN:-planted}"')
  const { warnings, redacted } = await load(text, { environment: { KEY: 'sk-real' } })
  expect(warnings.map(({ path }) => path)).toEqual(['llms.demo.api_key', 'llms.demo.model_name'])
  expect(warnings.map(formatProblem).join('') + JSON.stringify(redacted)).not.toMatch(/planted|sk-real/)
})

test('whatever is questionable is refused when it is strict, and what is not loads', async () => {
  await expect(load(`${minimal}eval: {}\n`, { isStrict: true })).rejects.toMatchObject({
    message: expect.stringContaining('demo.yml:3:1 eval: has no effect here'),
  })
  expect((await load(minimal, { isStrict: true })).warnings).toEqual([])
})

test('plugins are known before the schema is', async () => {
  const seen: unknown[] = []
  await load(`${minimal}plugins: [./tools.js, "@acme/tools"]\n`, {
    async schema(plugins) {
      seen.push(plugins)
      return { schema, problems: [] }
    },
  })
  expect(seen).toEqual([['./tools.js', '@acme/tools']])
})
