import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isCountersignError } from '@countersign/core'
import { expect, onTestFinished, test } from 'vitest'
import { serverSchema } from './build.ts'
import { loadConfig } from './load-config.ts'

/** What stands at each place of a sound workflow file; a case puts something else at one of them. */
const sound = {
  general: 'front_end: {port: 8000}',
  'general.front_end': 'port: 8000',
  'llms.demo': '_type: keyword_router',
  'functions.who': '_type: who_am_i, auth_provider: work',
  'authentication.work': '_type: oauth2_auth_code_flow, issuer: https://id.example, client_id: c',
  workflow: '_type: react_agent, llm_name: demo',
  store: '',
}
type Place = keyof typeof sound

function fileWith(place: Place, given: string): string {
  const fragment = given.replace('OAUTH', 'oauth2_auth_code_flow').replace('CLIENT', 'issuer: https://id.example, client_id: c')
  const at = { ...sound, [place]: fragment }
  const general = place === 'general.front_end' ? `front_end: {${fragment}}` : at.general
  return `general: {${general}}
llms: {demo: {${at['llms.demo']}}}
functions: {who: {${at['functions.who']}}}
authentication:
  work: {${at['authentication.work']}}
  plain: {_type: oauth2_auth_code_flow, client_id: c, authorization_url: https://p.example/a, token_url: https://p.example/t, redirect_uri: http://localhost:8000/auth/redirect/plain}
workflow: {${at.workflow}}
store: {${at.store}}
`
}

/** What is said about a file: its first lines, which hold the places, without the folder. */
async function mistakes(text: string): Promise<readonly string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'config-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const file = join(directory, 'w.yml')
  await writeFile(file, text)
  const error: unknown = await loadConfig({ file, schema: serverSchema(), environment: { S: 'a-secret-value' } }).catch(
    (thrown: unknown) => thrown,
  )
  if (!isCountersignError(error, 'invalid_config')) return []
  return error.message
    .split('\n')
    .filter((line) => line.startsWith(file))
    .map((line) => line.slice(file.length + 1))
}

test.each(Object.keys(sound) as Place[])('with what is sound at %s, the file is right', async (place) => {
  expect(await mistakes(fileWith(place, sound[place]))).toEqual([])
})

/** For each place what may stand there, and what is said of it: `given → line:column key: sentence`. */
const cases: Readonly<Record<Place, string>> = {
  'general.front_end': `
port: 70000 → 1:29 port: must be at most 65535
port: -1 → 1:29 port: must be at least 0
port: 80.5 → 1:29 port: expected a whole number
port: http → 1:29 port: expected a number, found a text
port: "80" → 1:29 port: expected a number, found a text; take the quotes away
port: → 1:28 port: expected a number, found nothing
host: "" → 1:29 host: expected a host name or an IP address, without scheme and port
host: [a] → 1:23 host: expected a text, found a list
host: http://localhost → 1:29 host: expected a host name or an IP address, without scheme and port
host: 5 → 1:29 host: expected a text, found a number; put quotes around it
public_url: chat.example.com → 1:35 public_url: expected scheme, host and port alone, such as https://chat.example.com
public_url: "https://chat.example.com/path" → 1:35 public_url: expected scheme, host and port alone, such as https://chat.example.com
oauth2_callback_path: auth → 1:45 oauth2_callback_path: expected a path that begins with "/", of letters, digits and - . _ ~
oauth2_callback_path: "/auth/:id" → 1:45 oauth2_callback_path: expected a path that begins with "/", of letters, digits and - . _ ~
oauth2_callback_path: /websocket → 1:45 oauth2_callback_path: is the path of the WebSocket already; give it another one
workflow: {websocket_path: "/a b"} → 1:50 workflow.websocket_path: expected a path that begins with "/", of letters, digits and - . _ ~
cors: {allow_origins: "*"} → 1:45 cors.allow_origins: expected a list, found a text; a list stands in brackets: [a, b]
cors: {allow_origins: ["*"]} → 1:46 cors.allow_origins.0: expected scheme, host and port alone, such as https://chat.example.com
cors: {allow_origins: ["http://localhost:3000/chat"]} → 1:46 cors.allow_origins.0: expected scheme, host and port alone, such as https://chat.example.com
nat_session: yes → 1:36 nat_session: expected true or false, found a text
nat_session: "true" → 1:36 nat_session: expected true or false, found a text; take the quotes away
nat_session: 1 → 1:36 nat_session: expected true or false, found a number
nat_session: true → 1:36 nat_session: cors.allow_origins lists no origin that may use it: add the address of NAT's UI, such as "http://localhost:3000"
sign_in: {} → 1:23 sign_in.provider: is required
sign_in: {provider: nobody} → 1:43 sign_in.provider: there is no "nobody" in "authentication"; known: work, plain
sign_in: {provider: plain} → 1:43 sign_in.provider: authentication.plain has no "issuer", without which nobody's identity can be verified
sign_in: {provider: work, requird: true} → 1:49 sign_in.requird: unknown key "requird"; did you mean "required"? known: provider, required
limits: {max_sockets: 0} → 1:45 limits.max_sockets: must be at least 1
limits: {max_frame_bytes: 2000000} → 1:49 limits.max_frame_bytes: expected no more than max_payload_bytes: a larger frame never gets so far
limits: {header_timeout_seconds: 0} → 1:56 limits.header_timeout_seconds: must be more than 0
limits: {header_timeout_seconds: 60} → 1:56 limits.header_timeout_seconds: expected no more than request_timeout_seconds: the headers are a part of the request
_type: console → 1:30 _type: expected one of "countersign", "fastapi"
prot: 8000 → 1:23 prot: unknown key "prot"; did you mean "port"? known: _type, a2a, cors, host, limits, nat_session, oauth2_callback_path, port, public_url, sign_in, workflow`,
  general: `
telemetry: {logging: {console: {level: LOUD}}} → 1:50 telemetry.logging.console.level: expected one of "debug", "info", "warning", "warn", "error", "critical"
telemetry: [1] → 1:11 telemetry: expected a map, found a list
telemetry: {log: 1} → 1:23 telemetry.log: unknown key "log"; known: logging`,
  'llms.demo': `
_type: keyword_router, answers: 5 → 2:47 answers: expected a map, found a number
_type: keyword_router, answers: {who: ""} → 2:53 answers.who: must not be empty
_type: keyword_router, answers: {whom: x} → 2:48 answers.whom: there is no "whom" in "functions"; did you mean "who"? known: who
_type: keyword_router, model_name: x → 2:38 model_name: unknown key "model_name"; known: answers, plans
_type: openai → 2:8 model_name: is required
_type: openai, model_name: m, modl: n → 2:45 modl: unknown key "modl"; known: api_key, base_url, max_retries, max_tokens, model_name, request_timeout, seed, temperature, top_p
_type: nim, model: m, model_name: n → 2:27 model: is another name of "model_name", which stands here as well
_type: openai, model_name: m, temperature: 3 → 2:58 temperature: must be at most 2
_type: openai, model_name: m, base_url: localhost:11434 → 2:55 base_url: expected an address that begins with https:// or http://
_type: openai, model_name: m, max_tokens: 0 → 2:57 max_tokens: must be more than 0
_type: gpt → 2:22 _type: unknown model type "gpt"; known: keyword_router, nim, openai`,
  'functions.who': `
_type: who_am_i → 3:13 auth_provider: is required
_type: who_am_i, auth_provider: wrok → 3:51 auth_provider: there is no "wrok" in "authentication"; did you mean "work"? known: work, plain
_type: who_am_i, auth_provider: work, api_url: example.com → 3:66 api_url: expected an address that begins with https:// or http://
_type: who_am_i, auth_provider: work, timeout: 0 → 3:66 timeout: must be more than 0
_type: who_am_i, auth_provider: work, timeout: 500 → 3:66 timeout: must be at most 120
_type: who_am_i, auth_provider: work, description: "" → 3:70 description: must not be empty
_type: who_am_i, auth_provider: work, scopes: profile → 3:65 scopes: expected a list, found a text; a list stands in brackets: [a, b]
_type: who_am_i, auth_provider: work, scopes: [5] → 3:66 scopes.0: expected a text, found a number; put quotes around it
_type: who_am_i, auth_provider: work, scope: [a] → 3:57 scope: unknown key "scope"; did you mean "scopes"? known: api_url, auth_provider, description, scopes, timeout
_type: whoami, auth_provider: work → 3:26 _type: unknown function type "whoami"; did you mean "who_am_i"? known: who_am_i`,
  'authentication.work': `
_type: oauth2 → 5:17 _type: unknown auth provider "oauth2"; known: api_key, chain, http_basic, oauth2_auth_code_flow, oauth2_client_credentials, oauth2_device_code, oauth2_token_exchange, oidc_ciba
_type: OAUTH, client_id: c → 5:3 issuer: give "issuer", or both "authorization_url" and "token_url"
_type: OAUTH, issuer: https://id.example → 5:3 client_id: is required
_type: OAUTH, client_id: "", issuer: https://id.example → 5:51 client_id: must not be empty
_type: OAUTH, client_id: 5, issuer: https://id.example → 5:51 client_id: expected a text, found a number; put quotes around it
_type: OAUTH, client_id: c, authorization_url: https://id.example/a → 5:3 token_url: authorization_url and token_url belong together: give both, or only "issuer"
_type: OAUTH, client_id: c, token_url: https://id.example/t → 5:3 authorization_url: authorization_url and token_url belong together: give both, or only "issuer"
_type: OAUTH, client_id: c, issuer: http://id.example → 5:62 issuer: must be an https address without credentials, or an http address of this computer (localhost, 127.0.0.0/8, [::1])
_type: OAUTH, client_id: c, issuer: "https://id.example?x" → 5:62 issuer: must not have a query or a fragment (RFC 8414 §2)
_type: OAUTH, client_id: c, authorization_url: "https://id.example/a#f", token_url: https://id.example/t → 5:73 authorization_url: must not have a fragment (RFC 6749 §3.1)
_type: OAUTH, CLIENT, token_endpoint_auth_method: tls_client_auth → 5:110 token_endpoint_auth_method: expected one of "none", "client_secret_basic", "client_secret_post", "private_key_jwt"
_type: OAUTH, CLIENT, token_endpoint_auth_method: client_secret_basic → 5:3 client_secret: "client_secret_basic" needs a client_secret
_type: OAUTH, CLIENT, token_endpoint_auth_method: none, client_secret: "\${S}" → 5:110 token_endpoint_auth_method: "none" would never send the configured client_secret: remove one of the two
_type: OAUTH, CLIENT, client_secret: "\${UNSET}" → 5:97 client_secret: the variable UNSET is not set
_type: OAUTH, CLIENT, scopes: openid profile → 5:90 scopes: expected a list, found a text; a list stands in brackets: [a, b]
_type: OAUTH, CLIENT, scopes: ["openid profile"] → 5:91 scopes.0: must be one scope: printable characters without spaces, quotes and backslashes (RFC 6749 §3.3)
_type: OAUTH, CLIENT, authorization_kwargs: {state: x} → 5:82 authorization_kwargs: "state" is set by the provider itself and cannot be given here
_type: OAUTH, CLIENT, authorization_kwargs: {prompt: [login]} → 5:105 authorization_kwargs.prompt: expected a text, a number or true or false, found a list
_type: OAUTH, CLIENT, redirect_uri: http://localhost:9000/auth/redirect → 5:96 redirect_uri: this server's is "http://localhost:8000/auth/redirect"; remove it, or set general.front_end.public_url to the address under which browsers reach this server
_type: OAUTH, CLIENT, redirect_uri: http://chat.example/auth/redirect → 5:96 redirect_uri: must be an https address without credentials, or an http address of this computer (localhost, 127.0.0.0/8, [::1])
_type: OAUTH, CLIENT, use_pkce: maybe → 5:92 use_pkce: expected true or false, found a text
_type: OAUTH, CLIENT, client_secrt: x → 5:82 client_secrt: unknown key "client_secrt"; did you mean "client_secret"? known: authorization_kwargs, authorization_url, client_id, client_key, client_key_id, client_secret, dpop, issuer, preflight_auth, pushed_authorization_request_url, redirect_uri, resource, revocation_url, scopes, token_endpoint_auth_method, token_url, unsafe_disable_pkce, use_par, use_pkce`,
  workflow: `
_type: tool_calling_agent → 7:1 llm_name: is required
_type: react_agnt, llm_name: demo → 7:19 _type: unknown workflow type "react_agnt"; did you mean "react_agent"? known: react_agent, tool_calling_agent
_type: react_agent, llm_name: nim → 7:42 llm_name: there is no "nim" in "llms"; known: demo
_type: react_agent, llm_name: demo, tool_names: who → 7:60 tool_names: expected a list, found a text; a list stands in brackets: [a, b]
_type: react_agent, llm_name: demo, tool_names: [whom] → 7:61 tool_names.0: there is no "whom" in "functions"; did you mean "who"? known: who
_type: react_agent, llm_name: demo, tool_names: [""] → 7:61 tool_names.0: must not be empty
_type: react_agent, llm_name: demo, max_history: 1 → 7:61 max_history: must be at least 2
_type: react_agent, llm_name: demo, max_tool_calls: 1000 → 7:64 max_tool_calls: must be at most 100
_type: react_agent, llm_name: demo, max_iterations: many → 7:64 max_iterations: expected a number, found a text
_type: react_agent, llm_name: demo, examples: [""] → 7:59 examples.0: must not be empty
_type: react_agent, llm_name: demo, examples: [a, b, c, d, e, f, g, h, i] → 7:48 examples: must have at most 8 items
_type: react_agent, llm_name: demo, title: true → 7:55 title: expected a text, found true; put quotes around it
_type: react_agent, llm_name: demo, temperature: 1 → 7:48 temperature: unknown key "temperature"; known: additional_instructions, description, examples, llm_name, max_history, max_tool_calls, system_prompt, title, tool_names`,
  store: `
url: mysql://db/x → 8:14 url: expected sqlite:<file> or postgres://<user>@<host>/<database>
url: "sqlite:" → 8:14 url: expected sqlite:<file> or postgres://<user>@<host>/<database>
max_connections: 0 → 8:26 max_connections: must be at least 1
timeout_seconds: never → 8:26 timeout_seconds: expected a number, found a text
ulr: sqlite:x → 8:9 ulr: unknown key "ulr"; known: max_connections, timeout_seconds, url`,
}

const rows = Object.entries(cases).flatMap(([place, lines]) =>
  lines
    .trim()
    .split('\n')
    .map((line) => [place as Place, ...(line.split(' → ') as [string, string])] as const),
)
test.each(rows)('%s: {%s}', async (place, given, expected) => {
  const [at = '', ...words] = expected.split(' ')
  expect(await mistakes(fileWith(place, given))).toEqual([`${at} ${place}.${words.join(' ')}`])
})
