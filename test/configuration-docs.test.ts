import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8')

/** What of a JSON Schema is read here. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly definitions?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly allOf?: readonly { readonly anyOf?: readonly { readonly required: readonly [string] }[] }[]
  readonly default?: string | number | boolean
  readonly description?: string
  readonly deprecated?: boolean
}
const schema = JSON.parse(read('packages/server/workflow.schema.json')) as Schema

interface Table {
  /** What the table is of: a key path, or a section and a type. */
  readonly of: string
  readonly rows: Readonly<Record<string, string>>
}

function tables(page: string): readonly Table[] {
  return page
    .split(/^### /m)
    .slice(1)
    .map((text) => {
      const [heading = '', ...lines] = text.split('\n')
      const [path = '', type] = [...heading.matchAll(/`(?:_type: )?([^`]+)`/g)].map(([, name = '']) => name)
      const rows = lines.flatMap((line) => {
        const [, key, value = ''] = /^\| `([^`]+)` \| ?(.*?) ?\|/.exec(line) ?? []
        return key === undefined ? [] : [[key, value.replaceAll('`', '')] as const]
      })
      return { of: type === undefined ? path : `${path} ${type}`, rows: Object.fromEntries(rows) }
    })
}

/** The keys of a part of the schema with their defaults; another name of a key, and a key without effect, is none. */
function keysOf(of: string): Readonly<Record<string, string>> {
  const part = schema.definitions?.[of] ?? of.split('.').reduce<Schema | undefined>((at, key) => at?.properties?.[key], schema)
  const required = [...(part?.required ?? []), ...(part?.allOf ?? []).flatMap(({ anyOf }) => anyOf?.[0]?.required ?? [])]
  const keys = Object.entries(part?.properties ?? {}).filter(
    ([key, { deprecated, description = '' }]) =>
      deprecated !== true && !description.startsWith('Another name') && (key !== '_type' || description !== ''),
  )
  const said = (key: string, value: Schema['default']): string =>
    required.includes(key) ? 'required' : value === undefined ? '' : String(value)
  return Object.fromEntries(keys.map(([key, member]) => [key, said(key, member.default)]))
}

const documented = tables(read('docs/configuration.md'))

test.each(documented.map((table) => [table.of, table] as const))(
  'docs/configuration.md has the keys and defaults of %s',
  (of, { rows }) => {
    expect(rows).toEqual(keysOf(of))
  },
)

test('docs/configuration.md has every type that comes with the server', () => {
  const sameAsAnother = ['llms nim', 'workflow react_agent']
  const types = Object.keys(schema.definitions ?? {}).filter((name) => name !== 'variable' && !sameAsAnother.includes(name))
  expect(
    documented
      .map(({ of }) => of)
      .filter((of) => of.includes(' '))
      .toSorted(),
  ).toEqual(types.toSorted())
})
