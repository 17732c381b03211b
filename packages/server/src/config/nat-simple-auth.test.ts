import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { virtualRuntime } from '@countersign/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { build, serverSchema } from './build.ts'
import { loadConfig } from './load-config.ts'

/** The configuration of NAT's simple_auth example, key by key. */
const file = `general:
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

test('the simple_auth file of NAT makes an agent with its tool, its model and its sign-in, and what does nothing here is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nat-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'config.yml'), file)
  const { config, warnings } = await loadConfig({
    file: join(folder, 'config.yml'),
    schema: serverSchema(),
    environment: { NAT_OAUTH_CLIENT_ID: 'test', NAT_OAUTH_CLIENT_SECRET: 'planted' },
  })
  const { workflow, providers } = build(config, virtualRuntime())
  const provider = providers.get('test_auth_provider')
  const tool = workflow.tools.get('who_am_i_function')
  expect({ model: workflow.model.name, tools: [...workflow.tools.keys()], needs: tool?.auth }).toEqual({
    model: 'meta/llama-3.1-70b-instruct',
    tools: ['who_am_i_function'],
    needs: { provider: 'test_auth_provider', scopes: [], origins: ['http://127.0.0.1:5001'] },
  })
  expect({ host: provider?.host, client: provider?.clientId, scopes: provider?.scopesOf({ provider: 'test_auth_provider' }) }).toEqual({
    host: 'localhost:5001',
    client: 'test',
    scopes: ['email', 'openid', 'profile'],
  })
  expect(config.general.telemetry?.logging?.console?.level).toBe('warn')
  expect(warnings.map(({ path, sentence }) => `${path} ${sentence}`)).toEqual([
    'general.front_end.cors.allow_headers has no effect here',
    'general.front_end.cors.allow_methods has no effect here',
    'authentication.test_auth_provider.use_pkce has no effect here: PKCE stays on',
    'authentication.test_auth_provider.preflight_auth has no effect here: people are asked when a tool needs their sign-in',
    'workflow.verbose has no effect here',
    'workflow.parse_agent_response_max_retries has no effect here',
  ])
})
