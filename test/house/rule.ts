import type { Files, Finding, House } from './house.ts'

/** A rule of the house, with a small house that breaks it: a rule that finds nothing there is no rule. */
export interface Rule {
  /** A sentence that is true of our code. */
  readonly name: string
  readonly check: (house: House) => Finding[]
  readonly planted: Files
  /** Where the planted house breaks it, as `path:line`. */
  readonly bites: readonly string[]
}

/** The package.json of core that planted houses share. */
export const coreManifest: Files = {
  'packages/core/package.json': JSON.stringify({
    name: '@countersign/core',
    exports: Object.fromEntries(
      ['.', './protocol', './providers', './langchain'].map((entry) => [entry, { '@countersign/source': `./src/${entry}/index.ts` }]),
    ),
  }),
}
