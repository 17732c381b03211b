import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isCountersignError, Registry } from '@countersign/core'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { z } from 'zod'
import type { ComponentDefinition } from './component.ts'
import { loadConfig } from './load-config.ts'
import type { LoadedConfig } from './load-config.ts'
import { formatProblem } from './problem.ts'
import { buildConfigSchema } from './schema.ts'
import { isOpaqueMap, isSecretName } from './secret-keys.ts'
import type { Environment } from './substitute.ts'

function registry(...types: string[]): Registry<ComponentDefinition> {
  const config = z.looseObject({ client_secret: z.string().optional(), limit: z.number().optional() })
  return new Registry('part', Object.fromEntries(types.map((type) => [type, { type, config }])))
}

const schema = buildConfigSchema({ functions: registry('f'), llms: registry('m'), authentication: registry('a'), workflows: registry('w') })
let file = ''

beforeAll(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'config-'))
  file = join(directory, 'w.yml')
  return () => rm(directory, { recursive: true })
})

interface Outcome {
  readonly loaded?: LoadedConfig
  readonly message: string
}

/** Loads a text; anything thrown but an invalid configuration fails the test. */
async function load(text: string, environment: Environment = {}, overrides: { path: string; value: string }[] = []): Promise<Outcome> {
  await writeFile(file, text)
  try {
    return { loaded: await loadConfig({ file, schema, environment, overrides }), message: '' }
  } catch (error) {
    if (isCountersignError(error, 'invalid_config')) return { message: error.message }
    throw error
  }
}

/** What work costs the processor, ms; whatever else the machine does. The best of three counts, since compilers and collectors work along. */
async function effort(work: () => Promise<unknown>): Promise<number> {
  const costs: number[] = []
  while (costs.length < 3 && (costs.at(-1) ?? 50) >= 50) {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    costs.push((user + system) / 1000)
  }
  return Math.min(...costs)
}

const deep = (open: string, count: number): string => open.repeat(count)

test.each([
  [
    'an alias bomb',
    `a: &a [1,1,1,1,1,1,1,1,1]\n${'bcdefghij'
      .split('')
      .map((name, at) => `${name}: &${name} [${`*${'abcdefghij'[at]},`.repeat(9)}]`)
      .join('\n')}`,
    'more than 16 aliases',
  ],
  ['a value that holds itself', 'functions: &a {f: *a}', 'more than 16 aliases'],
  ['maps 70 deep', `functions: ${deep('{a: ', 70)}1${deep('}', 70)}`, 'nested more than 64 deep'],
  ['brackets without end', deep('[', 100_000), 'w.yml'],
  ['a document over 1 MiB', `a: ${'x'.repeat(1024 * 1024)}`, 'is larger than 1 MiB'],
  [
    'a text without end',
    `workflow: {_type: w, prompt: ${'x'.repeat(70_000)}}`,
    'workflow.prompt: a text may have 65536 characters at most',
  ],
  ['a YAML 1.1 document', '%YAML 1.1\n---\nworkflow: {_type: w}', 'only YAML 1.2 is read here'],
  ['nothing', '', 'workflow: is required'],
  ['a list', '- 1', 'a configuration is a map of sections'],
  ['a key that is a map', '? {a: 1}\n: 2', 'a key must be a plain name'],
  ['a constructor', 'functions: {constructor: {_type: f}}', 'the key "constructor" is not allowed'],
])('%s is refused in words', async (_, text, expected) => {
  const { message } = await load(text)
  expect(message).toContain(expected)
})

test('a binary tag and a folder instead of a file are refused in words', async () => {
  expect((await load('workflow: {_type: w, a: !!binary aGk=}')).message).toContain('the tag "tag:yaml.org,2002:binary" is not read')
  await expect(loadConfig({ file: tmpdir(), schema, environment: {} })).rejects.toMatchObject({ code: 'invalid_config' })
})

test('a control character in a name does not reach the terminal', async () => {
  const { message } = await load('"a\\e[31mred": 1\nworkflow: {_type: w}\n')
  expect(message).not.toContain('\u001B')
})

const name = fc.stringMatching(/^[a-z]{1,8}$/)
const part = fc.oneof(
  fc.constantFrom(
    'workflow',
    'functions',
    'llms',
    '_type',
    'base',
    ': ',
    ':',
    '\n',
    '\n  ',
    '\n    ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    ', ',
    '"',
    "'",
    '|',
    '>',
    '&a ',
    '*a',
    '!x ',
    '!!str ',
    '#',
    '?',
    '%',
    '---',
    '<<',
    '${A}',
    '${',
    '$$',
    '${A:-b}',
    '__proto__',
    '\t',
    '\r',
    'client_secret',
    'general',
    'front_end',
    'port',
    '1e999',
    '0x1',
    'null',
    '\u0000',
    '\uFEFF',
  ),
  name,
  fc.string({ maxLength: 5 }),
)
const document = fc.oneof(
  fc.array(part, { maxLength: 60 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc
    .object({
      key: fc.oneof(name, fc.constantFrom('general', 'workflow', 'functions', 'store', 'llms', '_type', 'front_end')),
      maxDepth: 4,
    })
    .map((value) => JSON.stringify(value)),
)

test('whatever the document is, it loads or is an invalid configuration, quickly', async () => {
  await load('warm: up')
  await fc.assert(
    fc.asyncProperty(
      document,
      fc.array(
        fc.record({
          path: fc.oneof(name, fc.constantFrom('workflow._type', 'a.b.c', '.', '__proto__.x', 'functions.f.0')),
          value: fc.string(),
        }),
        { maxLength: 2 },
      ),
      async (text, overrides) => {
        expect(await effort(() => load(text, { A: 'x: {y' }, overrides))).toBeLessThan(100)
      },
    ),
    { numRuns: 500 },
  )
}, 60_000)

test.each(['${', '${a:-', '${TOKEN:-', '$$', 'a', 'a:', 'token ', 'a://b:', '\\\\', '../', '{a: '])(
  '60 kB of %s take no longer than other texts do',
  async (piece) => {
    const text = piece.repeat(60_000 / piece.length)
    const asValue = `workflow: {_type: w, note: "${text}", url: "${text}"}\nplugins: ["${text}"]\nstore: {url: "${text}"}\n`
    expect(await effort(() => load(asValue))).toBeLessThan(300)
    expect(await effort(() => load(`workflow: {_type: w, client_secret: ${text}`))).toBeLessThan(1000)
  },
  60_000,
)

const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      name.filter((key) => !isSecretName(key) && !isOpaqueMap(key)),
      tie('value'),
      { maxKeys: 3 },
    ),
  ),
})).value
const entryName = fc.oneof(name, fc.constantFrom('pwd', 'token', 'api_key', 'env', 'headers', 'client_secret'))

test('what is printed loads as the same again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(entryName, fc.dictionary(fc.stringMatching(/^x[a-z]{1,6}$/), value)), async (functions) => {
      const tree = {
        functions: Object.fromEntries(Object.entries(functions).map(([key, entry]) => [key, { _type: 'f', ...entry }])),
        workflow: { _type: 'w' },
      }
      fc.pre(!JSON.stringify(tree).includes('file://') && !JSON.stringify(tree).includes('@'))
      const print = (json: unknown): string =>
        stringify(json, (_, member: unknown) => (typeof member === 'string' ? member.replaceAll('$', '$$$$') : member))
      const first = (await load(print(tree))).loaded
      expect(first?.redacted).toEqual(tree)
      expect((await load(print(first?.redacted))).loaded?.redacted).toEqual(first?.redacted)
    }),
    { examples: [[{ pwd: {} }]] },
  )
}, 60_000)

test('an entry may be called like a secret: what is in it is shown, and its secrets are not', async () => {
  const text =
    'authentication:\n  token: {_type: a, client_secret: planted-1, limit: 5}\n  pat: {_type: a, limit: x}\nworkflow: {_type: w}\n'
  expect((await load(text)).message).toBe(
    `${file}:3:26 authentication.pat.limit: expected a number, found a text\n      pat: {_type: a, limit: x}\n                             ^`,
  )
  const { redacted, warnings } = (await load(text.replace('limit: x', 'limit: 6'))).loaded ?? {}
  expect(redacted?.['authentication']).toEqual({ token: { _type: 'a', client_secret: '***', limit: 5 }, pat: { _type: 'a', limit: 6 } })
  expect(warnings?.map(({ path }) => path)).toEqual(['authentication.token.client_secret'])
  const misplaced = await load('llms: {api_key: planted-2, secrets: [planted-3]}\nworkflow: {_type: w}\n')
  expect(misplaced.message).not.toContain('planted')
})

const secret = fc.stringMatching(/^[A-Za-z0-9]{12,20}$/).map((text) => `planted${text}`)

test('a secret is in no message, no caret line and no redacted form, however broken the document is', async () => {
  const shapes = fc.constantFrom(
    (s: string) => `workflow: {_type: w, client_secret: ${s}, limit: x}`,
    (s: string) => `workflow: {_type: w, client_secret: [${s}], limit: x}`,
    (s: string) => `workflow: {_type: w, client_secret:${s}, limit: x}`,
    (s: string) => `workflow:\n  _type: w\n  client_secret:${s}`,
    (s: string) => `workflow:\n  _type: w\n  client_secret: |\n    ${s}\n    ${s}\n  limit: x`,
    (s: string) => `workflow:\n  _type: w\n  client_secret: "${s}\n  limit: 1`,
    (s: string) => `workflow:\n  _type: w\n  "client_secret": {a: ${s}\n  limit: 1`,
    (s: string) => `workflow:\n  _type: w\n  client_secret: ${s}\n client_secret: ${s}`,
    (s: string) => `{workflow: {_type: w, client_secret:\n${s}, limit: x}}`,
    (s: string) => `workflow: {_type: w, url: "postgres://u:${s}@h/d", limit: x}`,
    (s: string) => `workflow: {_type: w, env: {A: ${s}}, limit: 1}`,
    (s: string) => `workflow: {_type: w, x: "\${DB_PASSWORD:-${s}}", limit: x}`,
    (s: string) => `workflow: {_type: w, x: "\${DB_PASSWORD:-${s}}", limit: 1}`,
    () => 'workflow: {_type: "${API_KEY}", limit: x}',
    () => 'workflow: {_type: w, limit: "${API_KEY}"}',
    () => 'workflow: {_type: w, x: "Bearer ${API_KEY}"}',
    () => 'functions: {f: {_type: f, client_secret: "${OTHER}"}}\nworkflow: {_type: w}',
  )
  const damage = fc.record({ cut: fc.nat(), noise: fc.constantFrom('', '', '}', '\t', ': ', '"') })
  await fc.assert(
    fc.asyncProperty(shapes, secret, damage, async (shape, planted, { cut, noise }) => {
      const text = shape(planted)
      const at = noise === '' ? 0 : cut % text.length
      const broken = text.slice(0, at) + noise + text.slice(at)
      // Damage must not have made it something that no longer says it is a secret.
      const marks = ['client_secret', `env: {A: ${planted}`, `postgres://u:${planted}@`, `\${DB_PASSWORD:-${planted}`]
      fc.pre(noise === '' || marks.some((mark) => broken.includes(mark)))
      const { loaded, message } = await load(broken, { API_KEY: planted, OTHER: planted })
      const said = message + JSON.stringify(loaded?.redacted ?? null) + (loaded?.warnings ?? []).map(formatProblem).join('\n')
      expect(said).not.toContain(planted)
    }),
    { numRuns: 400 },
  )
}, 60_000)

test('an override is refused in words where there is no place for it', async () => {
  const text = 'functions: {f: {_type: f, x: {y: 1}}}\nworkflow: {_type: w}\n'
  expect((await load(text, {}, [{ path: 'functions.f.x', value: '1' }])).message).toBe(
    '--override functions.f.x: this is a map; name one of its keys',
  )
  expect((await load(text, {}, [{ path: 'functions.f.x.y.z', value: '1' }])).message).toBe(
    '--override functions.f.x.y.z: there is no "z" in "functions.f.x.y"',
  )
  expect((await load(text, {}, [{ path: 'a.__proto__', value: '1' }])).message).toBe('--override a.__proto__: this is no key path')
  expect((await load(text, {}, [{ path: 'general.front_end.prt', value: '1' }])).message).toContain(
    '--override general.front_end.prt: unknown key "prt"; did you mean "port"?',
  )
  expect((await load(text, {}, [{ path: 'general.front_end.port', value: 'x' }])).message).toBe(
    '--override general.front_end.port: expected a number, found a text',
  )
})
