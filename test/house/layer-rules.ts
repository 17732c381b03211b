import { isBuiltin } from 'node:module'
import { isIn, packageOf, type Finding } from './house.ts'
import { coreManifest, type Rule } from './rule.ts'
import type { Source } from './source.ts'

const core = 'packages/core/src'
/** Left never imports right. Names on one level do not import each other. */
const layers = [
  ['protocol'],
  ['errors.ts'],
  ['runtime'],
  ['registry.ts'],
  ['store'],
  ['audit'],
  ['interaction'],
  ['auth'],
  ['providers', 'policy'],
  ['tool'],
  ['run'],
  ['langchain'],
]
const order = layers.map((level) => level.join(' | ')).join(' → ')
/** What each package may import of the others. */
const neighbours: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ui: ['@countersign/core'],
  'demo-provider': [],
  server: ['@countersign/core', '@countersign/ui'],
}

/** Who may import whom. */
export const layerRules: readonly Rule[] = [
  {
    name: 'inside core, imports only go down the layers',
    check: ({ sources, resolve }) =>
      sources.filter(isLayered).flatMap((source) => {
        const from = layerOf(source.path)
        if (levelOf(from) < 0)
          return [at(source, 1, `"${from}" is in no layer of core (${order}): move it into one, or add the layer here`)]
        return source.imports.flatMap((target) => {
          const path = resolve(source, target)
          const to = path && isIn(path, core) ? layerOf(path) : from
          if (to === from || (levelOf(to) >= 0 && levelOf(to) < levelOf(from))) return []
          return [
            at(source, target.line, `"${from}" may not import "${to}" (${order}): move the shared noun down, or pass it as an argument`),
          ]
        })
      }),
    planted: {
      [`${core}/store/store.ts`]: "import type { Tool } from '../tool/tool.ts'\nimport { x } from '../errors.ts'",
      [`${core}/policy/policy.ts`]: "import { ciba } from '../providers/ciba.ts'",
      [`${core}/auth/vault.ts`]: "import { fakeHuman } from '../testing/index.ts'",
      [`${core}/auth/vault.test.ts`]: "import { fakeHuman } from '../testing/index.ts'",
      [`${core}/testing/index.ts`]: "export { run } from '../run/run.ts'",
      [`${core}/stray.ts`]: '',
    },
    bites: [`${core}/store/store.ts:1`, `${core}/policy/policy.ts:1`, `${core}/auth/vault.ts:1`, `${core}/stray.ts:1`],
  },
  {
    name: 'packages import only their neighbours, and only through what these export',
    check: ({ sources, resolve }) =>
      sources.flatMap((source) =>
        source.imports.flatMap((target) => {
          const home = packageFolder(source.path)
          const name = packageOf(target) ?? ''
          const path = resolve(source, target)
          if (target.specifier.startsWith('.') && path && !isIn(path, home) && !(source.isTest && isIn(path, 'tools'))) {
            return [at(source, target.line, `"${target.specifier}" leaves the package: import what the other package exports`)]
          }
          if (!name.startsWith('@countersign/') || neighbours[home.split('/')[1] ?? '']?.includes(name) || source.isTest) return []
          return [at(source, target.line, `${home} may not import "${name}": core ← ui, core ← server; hand it in, or move it down`)]
        }),
      ),
    planted: {
      [`${core}/run/a.ts`]: "import { serve } from '@countersign/server'",
      'packages/server/src/a.ts': "import { x } from '../../core/src/errors.ts'\nimport { y } from '@countersign/core'",
    },
    bites: [`${core}/run/a.ts:1`, 'packages/server/src/a.ts:1'],
  },
  {
    name: 'ui takes only types from core, and only those of the protocol',
    check: ({ sources }) =>
      sources
        .filter((source) => isIn(source.path, 'packages/ui/src') && !source.isTest)
        .flatMap((source) =>
          source.imports
            .filter(
              (target) =>
                packageOf(target) === '@countersign/core' && !(target.isTypeOnly && target.specifier === '@countersign/core/protocol'),
            )
            .map((target) =>
              at(source, target.line, `write "import type … from '@countersign/core/protocol'": the page loads no code of core`),
            ),
        ),
    planted: {
      'packages/ui/src/a.ts':
        "import type { Frame } from '@countersign/core/protocol'\nimport { frame } from '@countersign/core/protocol'\nimport type { Run } from '@countersign/core'",
    },
    bites: ['packages/ui/src/a.ts:2', 'packages/ui/src/a.ts:3'],
  },
  {
    name: 'core imports nothing of Node',
    check: ({ sources }) =>
      sources
        .filter((source) => isIn(source.path, core) && !source.isTest)
        .flatMap((source) =>
          source.imports
            .filter((target) => isBuiltin(target.specifier))
            .map((target) =>
              at(source, target.line, `core runs anywhere: take "${target.specifier}" through Runtime, or use the web's own API`),
            ),
        ),
    planted: { [`${core}/runtime/a.ts`]: "import { createHash } from 'node:crypto'\nimport { join } from 'path'" },
    bites: [`${core}/runtime/a.ts:1`, `${core}/runtime/a.ts:2`],
  },
  {
    name: 'langchain is imported by core/langchain and the server only',
    check: ({ sources }) =>
      sources
        .filter((source) => !isIn(source.path, `${core}/langchain`) && !isIn(source.path, 'packages/server/src'))
        .flatMap((source) =>
          source.imports
            .filter((target) => isLangchain(packageOf(target)))
            .map((target) => at(source, target.line, `"${target.specifier}" is an optional peer: use it behind a port, in core/langchain`)),
        ),
    planted: {
      ...coreManifest,
      [`${core}/run/a.ts`]: "import type { BaseMessage } from '@langchain/core/messages'",
      [`${core}/langchain/a.ts`]: "import { createAgent } from 'langchain'",
    },
    bites: [`${core}/run/a.ts:1`],
  },
]

/** Whether a package is langchain or one of its family. */
export function isLangchain(name: string | undefined): boolean {
  return name === 'langchain' || (name ?? '').startsWith('@langchain/')
}

function isLayered(source: Source): boolean {
  return isIn(source.path, core) && !source.isTest && source.path !== `${core}/index.ts` && !isIn(source.path, `${core}/testing`)
}

function layerOf(path: string): string {
  return path.slice(core.length + 1).split('/')[0] ?? ''
}

function levelOf(layer: string): number {
  return layers.findIndex((level) => level.includes(layer))
}

function packageFolder(path: string): string {
  return path.split('/').slice(0, 2).join('/')
}

function at(source: Source, line: number, message: string): Finding {
  return { path: source.path, line, message }
}
