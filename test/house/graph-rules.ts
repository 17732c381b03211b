import { isIn, packageOf, type Finding, type House } from './house.ts'
import { isLangchain } from './layer-rules.ts'
import { coreManifest, type Rule } from './rule.ts'
import type { Import, Source } from './source.ts'

const core = 'packages/core/src'
/** Programs and entries that must start fast: what is heavy, or serves only some, is imported when it is first needed. */
const lightEntries = [`${core}/index.ts`, 'packages/server/src/cli/main.ts']

/** What the imports amount to at run time; `import type` leaves no trace and is not followed. */
export const graphRules: readonly Rule[] = [
  {
    name: 'no imports go in a circle',
    check: (house) => circlesOf(house),
    planted: {
      [`${core}/auth/a.ts`]: "import { b } from './b.ts'",
      [`${core}/auth/b.ts`]: "\nimport { c } from './c.ts'",
      [`${core}/auth/c.ts`]: "import type { a } from './a.ts'\nexport { a } from './a.ts'",
      [`${core}/auth/d.ts`]: "import type { e } from './e.ts'",
      [`${core}/auth/e.ts`]: "import { d } from './d.ts'",
    },
    bites: [`${core}/auth/c.ts:2`],
  },
  {
    name: "core's index and the start of the server load neither langchain nor the OAuth providers",
    check: (house) => lightEntries.flatMap((entry) => heavyImportsFrom(entry, house)),
    planted: {
      ...coreManifest,
      [`${core}/index.ts`]: "export { a } from './run/a.ts'",
      [`${core}/run/a.ts`]:
        "import type { B } from 'langchain'\nimport * as oauth from 'oauth4webapi'\nconst l = () => import('langchain')",
      [`${core}/providers/index.ts`]: '',
      'packages/server/src/cli/main.ts': "import { serve } from '../serve.ts'",
      'packages/server/src/serve.ts': "import { all } from '@countersign/core/providers'\nimport { x } from '@langchain/core/messages'",
    },
    bites: [`${core}/run/a.ts:2`, 'packages/server/src/serve.ts:1', 'packages/server/src/serve.ts:2'],
  },
]

/** Every import that closes a circle, found by depth-first search. */
function circlesOf(house: House): Finding[] {
  const findings: Finding[] = []
  const finished = new Set<string>()
  const sources = new Map(house.sources.map((source) => [source.path, source]))
  for (const source of house.sources) visit(source, [])
  return findings

  function visit(source: Source, trail: readonly string[]): void {
    if (finished.has(source.path)) return
    const path = [...trail, source.path]
    for (const target of source.imports.filter(isLoaded)) {
      const next = house.resolve(source, target) ?? ''
      const start = path.indexOf(next)
      if (start >= 0)
        findings.push({
          path: source.path,
          line: target.line,
          message: `closes a circle (${[...path.slice(start), next].join(' → ')}): move what both need into a file below both`,
        })
      const nextSource = sources.get(next)
      if (nextSource && start < 0) visit(nextSource, path)
    }
    finished.add(source.path)
  }
}

function heavyImportsFrom(entry: string, house: House): Finding[] {
  const sources = new Map(house.sources.map((source) => [source.path, source]))
  const reached = new Set([entry])
  const findings: Finding[] = []
  for (const path of reached) {
    const source = sources.get(path)
    for (const target of source?.imports.filter(isLoaded) ?? []) {
      const next = source && house.resolve(source, target)
      if (isHeavy(target, next)) {
        findings.push({
          path,
          line: target.line,
          message: `"${target.specifier}" is loaded by ${entry}: import it where it is needed, with "await import(…)"`,
        })
      } else if (next !== undefined) reached.add(next)
    }
  }
  return findings
}

function isHeavy(target: Import, path: string | undefined): boolean {
  const name = packageOf(target)
  const isHeavyFile = path !== undefined && (isIn(path, `${core}/providers`) || isIn(path, `${core}/langchain`))
  return isHeavyFile || isLangchain(name) || name === 'oauth4webapi'
}

function isLoaded(target: Import): boolean {
  return !target.isTypeOnly && !target.isDynamic
}
