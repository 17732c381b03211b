import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isCountersignError } from '@countersign/core'
import { virtualRuntime } from '@countersign/core/testing'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { defineFunction } from '../parts/function-definition.ts'
import { defineLlm } from '../parts/llms.ts'
import { definePlugin, type Plugin } from '../parts/plugin.ts'
import { defineWorkflowType } from '../parts/workflows.ts'
import { build, serverSchema } from './build.ts'
import { loadConfig, type LoadedConfig } from './load-config.ts'
import type { ServerParts } from '../parts/server-parts.ts'

const imported = globalThis as { importedByTest?: string[] }
beforeEach(() => {
  imported.importedByTest = []
})

/** A module that leaves a trace of its being imported. */
function module(name: string, rest: string): string {
  return `globalThis.importedByTest.push('${name}')\n${rest}`
}

const clock = `import { defineFunction, definePlugin, defineTool, z } from '@countersign/server'
export const plugin = definePlugin({
  functions: [
    defineFunction({
      type: 'clock',
      config: z.strictObject({ zone: z.string().default('UTC') }),
      create: ({ zone }, name) =>
        defineTool({ name, description: zone, input: z.strictObject({}), execute: async () => zone }),
    }),
  ],
})
`
const workflow = 'llms: {demo: {_type: keyword_router}}\nworkflow: {_type: tool_calling_agent, llm_name: demo, tool_names: [now]}\n'

/** A project with these files, in which @countersign/server is installed; one folder above it lies evil.js. */
function project(files: Readonly<Record<string, string>>): string {
  const above = mkdtempSync(join(tmpdir(), 'plugins-'))
  onTestFinished(() => rmSync(above, { recursive: true }))
  const folder = join(above, 'project')
  for (const [name, text] of Object.entries({ '../evil.js': module('evil', 'export const plugin = {}'), ...files })) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  mkdirSync(join(folder, 'node_modules/@countersign'), { recursive: true })
  symlinkSync(join(import.meta.dirname, '../..'), join(folder, 'node_modules/@countersign/server'))
  symlinkSync(dirname(fileURLToPath(import.meta.resolve('zod/package.json'))), join(folder, 'node_modules/zod'))
  return folder
}

function load(folder: string, plugins: readonly Plugin[] = []): Promise<LoadedConfig<ServerParts>> {
  return loadConfig({ file: join(folder, 'workflow.yml'), schema: serverSchema(plugins), environment: {} })
}

/** The first lines of what is said about a project, without its folder. */
async function mistakes(folder: string): Promise<readonly string[]> {
  const error: unknown = await load(folder).catch((thrown: unknown) => thrown)
  if (!isCountersignError(error, 'invalid_config')) throw new Error('it was not refused', { cause: error })
  return error.message
    .replaceAll(`${folder}/`, '')
    .split('\n')
    .filter((line) => line.startsWith('workflow.yml'))
}

test('a file beside the configuration and a package bring parts, and the agent has them', async () => {
  const folder = project({
    'workflow.yml': `plugins: [./tools/clock.js, "@acme/words"]\nfunctions: {now: {_type: clock, zone: CET}, word: {_type: acme/word}}\n${workflow.replace('[now]', '[now, word]')}`,
    'tools/clock.js': clock,
    'node_modules/@acme/words/package.json':
      '{"name": "@acme/words", "type": "module", "exports": {"types": "./x.d.ts", "import": "./dist/words.js"}}',
    'node_modules/@acme/words/dist/words.js': `import { z } from 'zod'
const create = (_, name) => ({ name, description: 'words', input: z.strictObject({}), execute: async () => 'word' })
export const plugin = { functions: [{ type: 'acme/word', config: z.strictObject({}), create }] }
`,
  })
  const built = build((await load(folder)).config, virtualRuntime())
  expect([...built.workflow.tools.values()].map(({ name, description }) => `${name}: ${description}`)).toEqual(['now: CET', 'word: words'])
})

test('a program gives plugins of its own, of every sort', async () => {
  const folder = project({
    'workflow.yml':
      'functions: {now: {_type: hour}}\nllms: {demo: {_type: parrot}}\nworkflow: {_type: night_agent, llm: demo, tools: [now]}\n',
  })
  const plugin = definePlugin({
    functions: [
      defineFunction({
        type: 'hour',
        config: z.strictObject({}),
        create: (_, name) => ({ name, description: 'hour', input: z.strictObject({}), execute: async () => 3 }),
      }),
    ],
    llms: [defineLlm({ type: 'parrot', config: z.strictObject({}), create: (_, name) => ({ name, async *stream() {} }) })],
    workflows: [
      defineWorkflowType({
        type: 'night_agent',
        config: z.strictObject({ llm: z.string(), tools: z.array(z.string()) }),
        references: [{ key: 'llm', to: 'llms' }],
        create: ({ llm, tools }, entries) => ({
          title: 'Night',
          model: entries.model(llm),
          tools: tools.map((name) => entries.tool(name)),
        }),
      }),
    ],
  })
  const { workflow: made, agent } = build((await load(folder, [plugin])).config, virtualRuntime())
  expect({ model: made.model.name, tools: [...made.tools.keys()], agent }).toEqual({
    model: 'demo',
    tools: ['now'],
    agent: { title: 'Night', examples: [] },
  })
})

test.each<[string, string, Record<string, string>, string]>([
  ['no such file', './clock.js', {}, '"./clock.js" does not exist beside the configuration'],
  ['a folder', './tools', { 'tools/clock.js': clock }, '"./tools" is not a file'],
  ['no such package', 'acme', {}, '"acme" is not installed beside the configuration; run: npm install acme'],
  ['a module of Node', 'fs', {}, '"fs" is a module of Node, not a plugin'],
  [
    'what its package keeps for itself',
    'acme/inner',
    { 'node_modules/acme/package.json': '{"exports": {".": "./index.js"}}' },
    '"acme/inner" is not among what the package "acme" exports',
  ],
  [
    'a package whose export leaves it',
    'acme',
    { 'node_modules/acme/package.json': '{"exports": "./../../../evil.js"}' },
    '"acme" is not among what the package "acme" exports',
  ],
  [
    'what throws',
    './clock.js',
    { 'clock.js': '\nthrow new RangeError("no disk")' },
    '"./clock.js" could not be loaded: RangeError: no disk (clock.js:2)',
  ],
  [
    'what needs a package that is not there',
    './clock.js',
    { 'clock.js': 'import "nowhere"' },
    `"./clock.js" could not be loaded: Error: Cannot find package 'nowhere'`,
  ],
  [
    'no plugin',
    './clock.js',
    { 'clock.js': 'export const plugins = {}' },
    '"./clock.js" has no export called "plugin"; write: export const plugin = definePlugin({ … })',
  ],
  [
    'a plugin that is none',
    './clock.js',
    { 'clock.js': 'export const plugin = 5' },
    '"./clock.js" cannot be used: its "plugin" is not what definePlugin makes',
  ],
  [
    'an unknown section',
    './clock.js',
    { 'clock.js': 'export const plugin = {tools: []}' },
    '"./clock.js" cannot be used: its plugin has an unknown key "tools"; known: functions, llms, authentication, workflows',
  ],
  [
    'a section that is no list',
    './clock.js',
    { 'clock.js': 'export const plugin = {llms: {}}' },
    `"./clock.js" cannot be used: its plugin's "llms" is not a list`,
  ],
  [
    'a part without a schema',
    './clock.js',
    { 'clock.js': clock.replace("z.strictObject({ zone: z.string().default('UTC') })", '{}') },
    '"./clock.js" cannot be used: each function type of its plugin needs a "type", a "config" (a zod 4 schema) and a "create"',
  ],
  [
    'a schema that drops keys',
    './clock.js',
    { 'clock.js': clock.replace('z.strictObject({ zone', 'z.object({ zone') },
    '"./clock.js" cannot be used: the config of its function type "clock" would drop mistyped keys without a word; write z.strictObject',
  ],
  [
    'the name of a prototype',
    './clock.js',
    { 'clock.js': clock.replace("'clock'", "'constructor'") },
    '"./clock.js" cannot be used: its function type "constructor" has no name that "_type" can give',
  ],
  [
    'a type that comes with Countersign',
    './clock.js',
    { 'clock.js': clock.replace("'clock'", "'who_am_i'") },
    '"./clock.js" brings the function type "who_am_i", which Countersign has already; give it another name',
  ],
])('a plugin that is %s is refused, at its place', async (_, ...[name, files, sentence]) => {
  const folder = project({ 'workflow.yml': `plugins: ["${name}"]\nfunctions: {now: {_type: clock}}\n${workflow}`, ...files })
  const [said, ...others] = await mistakes(folder)
  expect(said?.slice(0, `workflow.yml:1:11 plugins.0: ${sentence}`.length)).toBe(`workflow.yml:1:11 plugins.0: ${sentence}`)
  expect(others).toEqual([])
})

test('two plugins that bring the same type are both named', async () => {
  const folder = project({
    'workflow.yml': `plugins: [./a.js, ./b.js, ./a.js]\nfunctions: {now: {_type: clock}}\n${workflow}`,
    'a.js': clock,
    'b.js': clock,
  })
  expect(await mistakes(folder)).toEqual([
    'workflow.yml:1:19 plugins.1: "./b.js" brings the function type "clock", which "./a.js" has already; give it another name',
    'workflow.yml:1:27 plugins.2: "./a.js" brings the function type "clock" twice',
  ])
})

test.each([
  '../evil.js',
  './../evil.js',
  './tools/../../evil.js',
  'tools/../../evil.js',
  '/tmp/evil.js',
  '.\\\\evil.js',
  'file:/tmp/evil.js',
  'https://evil.example/evil.js',
  'data:text/javascript,globalThis.importedByTest.push(1)',
  'node:fs',
  '#evil',
  '__proto__',
  './evil.js?x',
  './evil%2ejs',
  './.hidden/../evil.js',
])('the plugin name %s is refused, and nothing is imported', async (name) => {
  const folder = project({ 'workflow.yml': `plugins: ["${name}"]\n${workflow.replace('[now]', '[]')}`, 'evil.js': module('evil', '') })
  expect(await mistakes(folder)).toEqual(['workflow.yml:1:11 plugins.0: expected the name of a package or a path that begins with "./"'])
  expect(imported.importedByTest).toEqual([])
})

test('a link that leads out of the project is refused, and nothing is imported', async () => {
  const folder = project({ 'workflow.yml': `plugins: [./inside.js]\n${workflow.replace('[now]', '[]')}` })
  symlinkSync('../evil.js', join(folder, 'inside.js'))
  expect(await mistakes(folder)).toEqual(['workflow.yml:1:11 plugins.0: "./inside.js" leads out of the folder of the configuration'])
  expect(imported.importedByTest).toEqual([])
})

test.each([
  './evil.js',
  '../evil.js',
  'evil',
  'evil/tool',
  'https://evil.example/evil.js',
  'data:text/javascript,globalThis.importedByTest.push(1)',
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
])('a type is the name of a part and never of a module: %s', async (type) => {
  const folder = project({
    'workflow.yml': `plugins: [./clock.js]\nfunctions: {now: {_type: "${type}"}}\n${workflow}`,
    'clock.js': module('clock', clock),
    'evil.js': module('evil', clock),
    'node_modules/evil/package.json': '{"type": "module", "exports": {".": "./index.js", "./tool": "./index.js"}}',
    'node_modules/evil/index.js': module('evil', clock),
  })
  expect(await mistakes(folder)).toEqual([`workflow.yml:2:26 functions.now._type: unknown function type "${type}"; known: clock, who_am_i`])
  expect(imported.importedByTest).toEqual(['clock'])
})
