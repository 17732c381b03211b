import { isIn, type Finding } from './house.ts'
import type { Rule } from './rule.ts'
import type { Source } from './source.ts'

const longest = 300
const vague = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'misc'])
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*$/

/** Where the outside world comes in. Each exception below says why it is one; a new one needs as good a reason. */
const outsideWorld = /^packages\/[^/]+\/src\/(runtime|cli|config|testing)\/|^packages\/demo-provider\/src\/(main|runtime)\.ts$/
export const exceptions: Readonly<Record<string, string>> = {
  'packages/ui/src/client/browser-runtime.ts': 'the runtime of the page: the one place where the browser itself is used',
  'packages/server/src/store/next-turn.ts': 'a turn of the event loop between commits; a virtual clock would hold every commit',
  'packages/demo-provider/src/demo-keys.ts':
    "draws the provider's keys once at start; this package does not depend on core, so it has no Runtime",
  'packages/demo-provider/src/oidc-library.ts': 'holds back one warning that oidc-provider prints to the console while it is imported',
}

/** What a single file may hold, and how it is called. */
export const fileRules: readonly Rule[] = [
  {
    name: `no file is longer than ${longest} lines`,
    check: ({ sources }) =>
      sources.flatMap((source) => {
        const length = source.text.replace(/\n$/, '').split('\n').length
        return length > longest ? [at(source, longest + 1, `${length} lines: find the second noun in it and give it its own file`)] : []
      }),
    planted: { 'packages/core/src/auth/a.ts': '\n'.repeat(longest + 1), 'packages/core/src/auth/b.ts': '\n'.repeat(longest) },
    bites: [`packages/core/src/auth/a.ts:${longest + 1}`],
  },
  {
    name: 'files and folders are named in kebab-case after what is in them',
    check: ({ paths }) =>
      paths.flatMap((path) => {
        const names = path.split('/').slice(3)
        const stems = names.map((name) => name.split('.')[0] ?? '')
        const unkempt = stems.find((stem) => !kebabCase.test(stem))
        const hollow = stems.find((stem) => vague.has(stem))
        return [
          ...(unkempt === undefined ? [] : [{ path, line: 1, message: `"${unkempt}" is not kebab-case` }]),
          ...(hollow === undefined
            ? []
            : [{ path, line: 1, message: `"${hollow}" says nothing: name it after the noun inside, next to its user` }]),
        ]
      }),
    planted: {
      'packages/core/src/auth/TokenVault.ts': '',
      'packages/ui/src/utils/dom.ts': '',
      'packages/core/src/auth/token-vault.test.ts': '',
    },
    bites: ['packages/core/src/auth/TokenVault.ts:1', 'packages/ui/src/utils/dom.ts:1'],
  },
  {
    name: 'nothing is exported as default',
    check: eachLine((source) => source.defaultExports, 'give the export its name: readers search for it'),
    planted: {
      'packages/core/src/auth/a.ts': '// export default\nconst x = 1\nexport { x as default }\n',
      'packages/core/src/auth/b.ts': 'export default 1',
    },
    bites: ['packages/core/src/auth/a.ts:3', 'packages/core/src/auth/b.ts:1'],
  },
  {
    name: 'nothing is exported with a star',
    check: eachLine((source) => source.starExports, 'list the names: an entry file is the index of what it promises'),
    planted: { 'packages/core/src/auth/a.ts': "\nexport * from './b.ts'\nexport * as b from './b.ts'\n" },
    bites: ['packages/core/src/auth/a.ts:2', 'packages/core/src/auth/a.ts:3'],
  },
  {
    name: 'the type any is not used',
    check: eachLine((source) => (source.isTest ? [] : source.anyTypes), 'take "unknown" at the edge and parse it once'),
    planted: { 'packages/core/src/auth/a.ts': "const any = 'any' // any\nexport const x = JSON.parse(any) as any\n" },
    bites: ['packages/core/src/auth/a.ts:2'],
  },
  {
    name: 'the compiler is not silenced',
    check: eachLine((source) => source.suppressions, 'mend the type; "@ts-expect-error" with its reason is for tests'),
    planted: { 'packages/core/src/auth/a.ts': "const x = '@ts-ignore'\n// @ts-ignore because\nexport const y: number = x\n" },
    bites: ['packages/core/src/auth/a.ts:2'],
  },
  {
    name: 'clock, timers, randomness, network, environment and console come in through Runtime',
    check: ({ sources }) =>
      sources
        .filter((source) => !source.isTest && !outsideWorld.test(source.path) && exceptions[source.path] === undefined)
        .flatMap((source) =>
          source.globals.map(({ name, line }) =>
            at(source, line, `"${name}" is the outside world: take it from Runtime, so that tests hold the clock`),
          ),
        ),
    planted: {
      'packages/core/src/auth/a.ts': [
        'export const at = Date.now()',
        '// Date.now() in a comment, and "Math.random" in a string, are nothing',
        'export const today = new Date()',
        'export const then = new Date(0)',
        'export const send = (deps: { fetch: typeof fetch }) => deps.fetch("https://fetch.example")',
        'export const local = ({ fetch }: { fetch: () => void }) => fetch()',
        'export const real = () => globalThis.fetch("x")',
        'export const call = () => { const setTimeout = () => 1; return setTimeout() }',
        'setTimeout(call, 1)',
        'console.log(`${process.env.HOME}`)',
        'export const id = crypto.randomUUID() + Math.random()',
      ].join('\n'),
      'packages/server/src/b.ts':
        "import process, { env } from 'node:process'\nimport { randomBytes } from 'node:crypto'\nexport const x = env.X\nexport const y = process.env.Y\nexport const z = randomBytes(1)",
      'packages/core/src/runtime/system-runtime.ts': 'export const now = () => Date.now()',
      'packages/ui/src/client/browser-runtime.ts': 'export const now = () => Date.now()',
    },
    bites: [
      ...[1, 3, 7, 9, 10, 10, 11, 11].map((line) => `packages/core/src/auth/a.ts:${line}`),
      ...[3, 4, 5].map((line) => `packages/server/src/b.ts:${line}`),
    ],
  },
]

/** The exceptions whose file exists but no longer needs one. */
export function staleExceptions(sources: readonly Source[]): string[] {
  return sources.filter((source) => exceptions[source.path] !== undefined && source.globals.length === 0).map((source) => source.path)
}

function eachLine(linesOf: (source: Source) => readonly number[], message: string): Rule['check'] {
  return ({ sources }) =>
    sources.filter((source) => isIn(source.path, 'packages')).flatMap((source) => linesOf(source).map((line) => at(source, line, message)))
}

function at(source: Source, line: number, message: string): Finding {
  return { path: source.path, line, message }
}
