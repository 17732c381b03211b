import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isCountersignError, Registry } from '@countersign/core'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { ComponentDefinition } from './component.ts'
import { loadConfig } from './load-config.ts'
import { buildConfigSchema } from './schema.ts'

function registry(...definitions: ComponentDefinition[]): Registry<ComponentDefinition> {
  return new Registry('part', Object.fromEntries(definitions.map((definition) => [definition.type, definition])))
}

const whoAmI = z.strictObject({ auth_provider: z.string() })
const clock = z.strictObject({ utc: z.boolean().optional(), limit: z.union([z.number(), z.boolean()]).optional() })
const agent = z.strictObject({ llm_name: z.string(), tool_names: z.array(z.string()).optional(), max_tool_calls: z.int().optional() })
const schema = buildConfigSchema({
  functions: registry(
    { type: 'who_am_i', config: whoAmI, references: [{ key: 'auth_provider', to: 'authentication' }] },
    { type: 'clock', config: clock },
  ),
  llms: registry({ type: 'nim', config: z.strictObject({ model_name: z.string() }), aliases: { model: 'model_name' } }),
  authentication: registry({ type: 'ciba', config: z.strictObject({}) }),
  workflows: registry({
    type: 'react_agent',
    config: agent,
    references: [
      { key: 'llm_name', to: 'llms' },
      { key: 'tool_names', to: 'functions' },
    ],
  }),
})
const minimal = 'llms: {demo: {_type: nim, model_name: m}}\nworkflow: {_type: react_agent, llm_name: demo}\n'

/** What is said about a file, without the folder it was in. */
async function mistakes(text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'config-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const file = join(directory, 'demo.yml')
  await writeFile(file, text)
  const error: unknown = await loadConfig({ file, schema, environment: {} }).catch((thrown: unknown) => thrown)
  return isCountersignError(error, 'invalid_config') ? error.message.replaceAll(`${directory}/`, '') : `not refused: ${String(error)}`
}

test.each([
  [
    'general: {front_end: {prot: 1}}',
    'demo.yml:3:23 general.front_end.prot: unknown key "prot"; did you mean "port"? known: _type, a2a, cors, host, limits, nat_session, oauth2_callback_path, port, public_url, sign_in, workflow\n    general: {front_end: {prot: 1}}\n                          ^',
  ],
  [
    'genral: {}',
    'demo.yml:3:1 genral: unknown key "genral"; did you mean "general"? known: general, store, keys, functions, llms, authentication, workflow, plugins, base\n    genral: {}\n    ^',
  ],
  ['function_groups: {}', 'demo.yml:3:1 function_groups: "function_groups" is not implemented here\n    function_groups: {}\n    ^'],
  [
    'general: {front_end: {port: x}}',
    'demo.yml:3:29 general.front_end.port: expected a number, found a text\n    general: {front_end: {port: x}}\n                                ^',
  ],
  [
    'general: {front_end: {port: 99999}}',
    'demo.yml:3:29 general.front_end.port: must be at most 65535\n    general: {front_end: {port: 99999}}\n                                ^',
  ],
  [
    'general: {front_end: {host: 5}}',
    'demo.yml:3:29 general.front_end.host: expected a text, found a number; put quotes around it\n    general: {front_end: {host: 5}}\n                                ^',
  ],
  [
    'general: {front_end: {_type: fastapy}}',
    'demo.yml:3:30 general.front_end._type: expected one of "countersign", "fastapi"; did you mean "fastapi"?\n    general: {front_end: {_type: fastapy}}\n                                 ^',
  ],
  ['general: [1]', 'demo.yml:3:1 general: expected a map, found a list\n    general: [1]\n    ^'],
  [
    'functions: {f: {_type: who_am}}',
    'demo.yml:3:24 functions.f._type: unknown function type "who_am"; did you mean "who_am_i"? known: clock, who_am_i\n    functions: {f: {_type: who_am}}\n                           ^',
  ],
  [
    'functions: {f: {_type: constructor}}',
    'demo.yml:3:24 functions.f._type: unknown function type "constructor"; known: clock, who_am_i\n    functions: {f: {_type: constructor}}\n                           ^',
  ],
  [
    'functions: {f: {utc: true}}',
    'demo.yml:3:13 functions.f._type: is required; known: clock, who_am_i\n    functions: {f: {utc: true}}\n                ^',
  ],
  ['functions: {f: 1}', 'demo.yml:3:16 functions.f: expected a map with a "_type"\n    functions: {f: 1}\n                   ^'],
  [
    'functions: {f: {_type: who_am_i}}',
    'demo.yml:3:13 functions.f.auth_provider: is required\n    functions: {f: {_type: who_am_i}}\n                ^',
  ],
  [
    'functions: {f: {_type: who_am_i, auth_provider: test}}',
    'demo.yml:3:49 functions.f.auth_provider: there is no "test" in "authentication"; known: none\n    functions: {f: {_type: who_am_i, auth_provider: test}}\n                                                    ^',
  ],
  [
    'functions: {f: {_type: clock, utcc: true}}',
    'demo.yml:3:31 functions.f.utcc: unknown key "utcc"; did you mean "utc"? known: limit, utc\n    functions: {f: {_type: clock, utcc: true}}\n                                  ^',
  ],
  [
    'functions: {f: {_type: clock, limit: x}}',
    'demo.yml:3:38 functions.f.limit: expected a number or true or false, found a text\n    functions: {f: {_type: clock, limit: x}}\n                                         ^',
  ],
  [
    'functions: {f: {_type: clock, utc: "${UTC}"}}',
    'demo.yml:3:36 functions.f.utc: the variable UTC is not set\n    functions: {f: {_type: clock, utc: "${UTC}"}}\n                                       ^',
  ],
  [
    'plugins: ["${P:?name the plugin}"]',
    'demo.yml:3:11 plugins.0: name the plugin (the variable P is not set)\n    plugins: ["${P:?name the plugin}"]\n              ^',
  ],
  [
    'plugins: ["https://evil.example/x.js"]',
    'demo.yml:3:11 plugins.0: expected the name of a package or a path that begins with "./"\n    plugins: ["https://evil.example/x.js"]\n              ^',
  ],
  [
    'plugins: [./../x.js]',
    'demo.yml:3:11 plugins.0: expected the name of a package or a path that begins with "./"\n    plugins: [./../x.js]\n              ^',
  ],
  [
    'store: {url: "${A"}',
    'demo.yml:3:14 store.url: a "${" has no "}"; write "$$" for a dollar sign\n    store: {url: "${A"}\n                 ^',
  ],
  [
    'store: {url: "${1}"}',
    'demo.yml:3:14 store.url: this is no variable; write ${NAME}, ${NAME:-default} or ${NAME:?message}, or "$$" for a dollar sign\n    store: {url: "${1}"}\n                 ^',
  ],
  [
    'store: {url: file:///etc/passwd}',
    'demo.yml:3:14 store.url: files are not read into values; write the text here\n    store: {url: file:///etc/passwd}\n                 ^',
  ],
  [
    'store: {url: mysql:x}',
    'demo.yml:3:14 store.url: expected sqlite:<file> or postgres://<user>@<host>/<database>\n    store: {url: mysql:x}\n                 ^',
  ],
  ['store: {__proto__: {a: 1}}', 'demo.yml:3:9 store: the key "__proto__" is not allowed\n    store: {__proto__: {a: 1}}\n            ^'],
  ['store: {prototype: 1}', 'demo.yml:3:9 store: the key "prototype" is not allowed\n    store: {prototype: 1}\n            ^'],
  ['llms: {}', 'demo.yml:3:1 llms: this key stands here twice\n    llms: {}\n    ^'],
  ['<<: {a: 1}', 'demo.yml:3:1 merge keys ("<<") are not read; repeat the values or use "base"\n    <<: {a: 1}\n    ^'],
  [
    'store: !!js/function {}',
    'demo.yml:3:22 store: the tag "tag:yaml.org,2002:js/function" is not read\n    store: !!js/function {}\n                         ^',
  ],
  ['store: *nothing', 'demo.yml:3:8 store: this alias has no anchor before it\n    store: *nothing\n           ^'],
  [
    'store: {url: .nan}',
    'demo.yml:3:14 store.url: this number cannot be kept exactly; put quotes around it\n    store: {url: .nan}\n                 ^',
  ],
  ['store: {url: "x', 'demo.yml:4:1 a closing quote, bracket or colon is missing'],
  ['store:\n\turl: x', 'demo.yml:4:1 indent with spaces, not with tabs\n     url: x\n    ^'],
  ['--- {}', 'demo.yml:3:1 a configuration is one document; remove the second "---"\n    --- {}\n    ^'],
  ['base: 5', 'demo.yml:3:7 base: expected the path of a file\n    base: 5\n          ^'],
  ['base: no.yml', 'demo.yml:3:7 base: "no.yml" does not exist\n    base: no.yml\n          ^'],
  ['base: ./demo.yml', 'demo.yml:3:7 base: "demo.yml" is based on itself\n    base: ./demo.yml\n          ^'],
])('%s', async (line, expected) => {
  expect(await mistakes(`${minimal}${line}\n`)).toBe(expected)
})

test('all mistakes of a file are said at once, in their order of finding', async () => {
  const text = `functions:
  who: {_type: who_am_i, auth_provider: me}
authentication: {mee: {_type: cibaa}}
llms: {a: {_type: nim, model: x, model_name: y}}
workflow: {_type: react_agent, llm_name: b, tool_names: [who, clok], max_tool_calls: "many"}
`
  expect((await mistakes(text)).split('\n').filter((line) => line.startsWith('demo.yml'))).toEqual([
    'demo.yml:4:24 llms.a.model: is another name of "model_name", which stands here as well',
    'demo.yml:3:31 authentication.mee._type: unknown auth provider "cibaa"; did you mean "ciba"? known: ciba',
    'demo.yml:5:86 workflow.max_tool_calls: expected a number, found a text',
    'demo.yml:2:41 functions.who.auth_provider: there is no "me" in "authentication"; did you mean "mee"? known: mee',
    'demo.yml:5:42 workflow.llm_name: there is no "b" in "llms"; known: a',
    'demo.yml:5:63 workflow.tool_names.1: there is no "clok" in "functions"; known: who',
  ])
})

test('a base that leads back is said where it does', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'config-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await writeFile(join(directory, 'demo.yml'), `${minimal}base: other.yml\n`)
  await writeFile(join(directory, 'other.yml'), 'general: {}\nbase: ./demo.yml\n')
  await expect(loadConfig({ file: join(directory, 'demo.yml'), schema, environment: {} })).rejects.toMatchObject({
    message: `${directory}/other.yml:2:7 base: "${directory}/demo.yml" is based on itself\n    base: ./demo.yml\n          ^`,
  })
})

test('a file that is not there is said by its name', async () => {
  await expect(loadConfig({ file: '/nowhere/demo.yml', schema, environment: {} })).rejects.toMatchObject({
    code: 'invalid_config',
    message: '"/nowhere/demo.yml" does not exist',
  })
})
