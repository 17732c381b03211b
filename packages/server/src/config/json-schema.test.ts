import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { JsonObject } from '@countersign/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { defineFunction } from '../parts/function-definition.ts'
import { definePlugin, type Plugin } from '../parts/plugin.ts'
import { serverSchema } from './build.ts'
import { objectOf } from './editor-schema.ts'
import { workflowJsonSchema } from './json-schema.ts'

const root = join(import.meta.dirname, '../../../..')
const committed = join(root, 'packages/server/workflow.schema.json')

/** The JSON Schema validator that dclint brings. */
interface Ajv {
  compile(schema: JsonObject): ((value: unknown) => boolean) & {
    readonly errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null
  }
}
const { default: AjvOfOthers } = createRequire(createRequire(import.meta.url).resolve('dclint'))('ajv') as {
  default: new (options: object) => Ajv
}

async function schemaOf(...plugins: Plugin[]): Promise<JsonObject> {
  return workflowJsonSchema((await serverSchema(plugins)([], root)).schema.parts, plugins.length > 0)
}

/** What is wrong with a workflow file, as `path message`; nothing for one that is right. */
type Check = (yaml: string) => readonly string[]

function checkBy(schema: JsonObject): Check {
  // The schema itself is checked by the meta-schema of draft 7 when it is compiled.
  const validate = new AjvOfOthers({
    allErrors: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    formats: { uri: (text: string) => URL.canParse(text) },
  }).compile(schema)
  return (yaml) =>
    validate(parse(yaml)) ? [] : (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`)
}

test('the committed file is what the parts of the server give', async () => {
  // When this fails: countersign schema > packages/server/workflow.schema.json, then npm run format
  expect(JSON.parse(readFileSync(committed, 'utf8'))).toEqual(await schemaOf())
})

const examples = readdirSync(join(root, 'examples')).flatMap((name) =>
  readdirSync(join(root, 'examples', name))
    .filter((file) => file.endsWith('.yml'))
    .map((file) => join('examples', name, file)),
)
test.each(examples)('%s names the schema in its first line, and is right by it', async (example) => {
  const text = readFileSync(join(root, example), 'utf8')
  const [, path = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? []
  expect(join(root, dirname(example), path)).toBe(committed)
  expect(checkBy(await schemaOf())(text)).toEqual([])
})

const llms = 'llms: {demo: {_type: keyword_router}}\n'
const workflow = 'workflow: {_type: react_agent, llm_name: demo}\n'

describe('by the schema', () => {
  let check: Check
  beforeAll(async () => {
    check = checkBy(await schemaOf())
  })

  test.each([
    ['the least', llms + workflow],
    ['empty sections', `${llms}functions:\nauthentication:\n${workflow}`],
    ['another name of a key', `llms: {demo: {_type: nim, model: m, api_key: "\${KEY}"}}\n${workflow}`],
    [
      'variables where numbers, choices and addresses stand',
      `${llms}general: {front_end: {port: "\${PORT}", nat_session: "\${NAT:-false}", _type: "\${KIND}", public_url: "https://\${HOST}"}}
functions: {who: {_type: who_am_i, auth_provider: work, api_url: "\${API}/me", timeout: "\${T}"}}
authentication: {work: {_type: oauth2_auth_code_flow, client_id: c, issuer: "\${ISSUER}", token_endpoint_auth_method: "\${M}"}}
${workflow}`,
    ],
    ['a type that a plugin may bring', `${llms}plugins: [./clock.js]\nfunctions: {now: {_type: clock, zone: UTC}}\n${workflow}`],
    ['a file over a base, which may be a part', 'base: other.yml\nfunctions: {who: {timeout: 5}}\n'],
    [
      'what has no effect',
      `${llms}general: {use_uvloop: true, telemetry: {tracing: {}, logging: {file: {_type: file}}}, front_end: {workers: 2}}\neval: {}\n${workflow.replace('demo}', 'demo, verbose: true}')}`,
    ],
  ])('%s is right', (_, yaml) => {
    expect(check(yaml)).toEqual([])
  })

  test.each([
    ['an unknown section', `${llms}${workflow}genral: {}`, ' must NOT have additional properties'],
    ['no workflow', llms, " must have required property 'workflow'"],
    ['an unknown key', `${llms}${workflow}general: {front_end: {prot: 1}}`, '/general/front_end must NOT have additional properties'],
    [
      'an unknown key of an entry',
      `llms: {demo: {_type: openai, model_name: m, modl: x}}\n${workflow}`,
      '/llms/demo must NOT have additional properties',
    ],
    ['no type', `llms: {demo: {model: m}}\n${workflow}`, "/llms/demo must have required property '_type'"],
    ['an unknown type', `llms: {demo: {_type: opnai}}\n${workflow}`, '/llms/demo/_type must be equal to constant'],
    ['a text for a number', `${llms}${workflow}general: {front_end: {port: http}}`, '/general/front_end/port must be integer'],
    ['a number too big', `${llms}${workflow}general: {front_end: {port: 70000}}`, '/general/front_end/port must be <= 65535'],
    ['a number for a text', `${llms.replace('router', 'router, answers: {a: 5}')}${workflow}`, '/llms/demo/answers/a must be string'],
    ['a key that is missing', `${llms}workflow: {_type: react_agent}\n`, "/workflow must have required property 'llm_name'"],
    ['neither name of a key', `llms: {demo: {_type: nim}}\n${workflow}`, "/llms/demo must have required property 'model_name'"],
    [
      'another choice',
      `${llms}${workflow}general: {front_end: {_type: console}}`,
      '/general/front_end/_type must be equal to one of the allowed values',
    ],
  ])('%s is wrong', (_, yaml, expected) => {
    expect(check(yaml)).toContain(expected)
  })
})

test('editors have words for every key of every type', async () => {
  const parts = Object.entries(objectOf((await schemaOf())['definitions'])).filter(([name]) => name !== 'variable')
  const keys = parts.flatMap(([name, part]) =>
    Object.entries(objectOf(objectOf(part)['properties'])).map(([key, member]) => ({
      key: `${name} ${key}`,
      description: objectOf(member)['description'],
    })),
  )
  expect(keys.length).toBeGreaterThan(40)
  expect(keys.filter(({ key, description }) => description === undefined && !key.endsWith(' _type'))).toEqual([])
})

test('what a plugin brings is in it, with its descriptions', async () => {
  const config = z.strictObject({ zone: z.string().describe('Where it is.') }).describe('Tells the time.')
  const create = (): never => {
    throw new Error('a schema makes nothing')
  }
  const schema = await schemaOf(definePlugin({ functions: [defineFunction({ type: 'acme/clock', config, create })] }))
  const check = checkBy(schema)
  expect(check(`${llms}functions: {now: {_type: acme/clock, zone: UTC}}\n${workflow}`)).toEqual([])
  expect(check(`${llms}plugins: [./x.js]\nfunctions: {now: {_type: clock}}\n${workflow}`)).toContain(
    '/functions/now/_type must be equal to constant',
  )
  expect(check(`${llms}functions: {now: {_type: acme/clock}}\n${workflow}`)).toContain("/functions/now must have required property 'zone'")
  expect(objectOf(schema['definitions'])['functions acme/clock']).toMatchObject({
    description: 'Tells the time.',
    properties: { zone: { description: 'Where it is.' } },
  })
})
