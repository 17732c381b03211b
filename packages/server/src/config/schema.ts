import type { Registry } from '@countersign/core'
import type { ZodType } from 'zod'
import { agreementProblems, agreementWarnings } from './agreement.ts'
import type { ComponentDefinition, ComponentRegistries, ConfiguredComponent, Section } from './component.ts'
import { generalSchema, keysSchema, pluginsSchema, storeSchema } from './general-schema.ts'
import type { General, KeysSection } from './general-schema.ts'
import { ignoredOptions } from './ignored-options.ts'
import { keyProblem, problem } from './issue-problems.ts'
import { nodeAt, withNode, withoutKeys } from './node.ts'
import type { ConfigNode } from './node.ts'
import { quoted } from './problem.ts'
import type { Problem } from './problem.ts'
import { readComponent } from './read-component.ts'
import { referenceProblems } from './references.ts'
import { knownNames } from './suggest.ts'
import { validate } from './validate.ts'

/** A configuration as its schema reads it. */
export interface ParsedConfig {
  readonly general: General
  readonly store: { readonly url?: string | undefined; readonly max_connections: number; readonly timeout_seconds: number }
  readonly keys: KeysSection
  readonly functions: ReadonlyMap<string, ConfiguredComponent>
  readonly llms: ReadonlyMap<string, ConfiguredComponent>
  readonly authentication: ReadonlyMap<string, ConfiguredComponent>
  readonly workflow: ConfiguredComponent
  readonly plugins: readonly string[]
}

/** What reading a tree comes to. */
export interface ReadConfig {
  /** Absent when there are problems. */
  readonly parsed?: ParsedConfig
  readonly root: ConfigNode
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
}

/** Reads a configuration's tree, whose entries name parts. */
export interface ConfigSchema<Parts extends ComponentRegistries = ComponentRegistries> {
  readonly parts: Parts
  read(root: ConfigNode): ReadConfig
}

/** The schema of a configuration whose entries may name these parts. */
export function buildConfigSchema<Parts extends ComponentRegistries>(parts: Parts): ConfigSchema<Parts> {
  return { parts, read: (root) => new TreeReader(root, parts).read() }
}

const sections: readonly { readonly section: Section; readonly sort: string }[] = [
  { section: 'functions', sort: 'function type' },
  { section: 'llms', sort: 'model type' },
  { section: 'authentication', sort: 'auth provider' },
]
const topLevel = ['general', 'store', 'keys', 'functions', 'llms', 'authentication', 'workflow', 'plugins', 'base']
/** What would leave a gap if it were ignored. */
const refusedSections = new Set(['function_groups', 'middleware'])

class TreeReader {
  readonly #problems: Problem[] = []
  readonly #warnings: Problem[] = []
  readonly #registries: ComponentRegistries
  #root: ConfigNode

  constructor(root: ConfigNode, registries: ComponentRegistries) {
    this.#root = root
    this.#registries = registries
  }

  read(): ReadConfig {
    for (const [path, options] of Object.entries(ignoredOptions))
      this.#ignore(path === '' ? [] : path.split('.'), (key) => options.has(key), 'has no effect here')
    this.#ignore(['general', 'telemetry', 'logging'], (key) => key !== 'console', 'has no effect here: the log goes to standard error')
    this.#checkTopLevel()
    const general = this.#validate(generalSchema, 'general')
    const store = this.#validate(storeSchema, 'store')
    const keys = this.#validate(keysSchema, 'keys')
    const plugins = this.#validate(pluginsSchema, 'plugins')
    const [functions, llms, authentication] = sections.map(({ section, sort }) => this.#section(section, sort))
    const workflow = this.#component(['workflow'], this.#registries.workflows, 'workflow type')
    this.#problems.push(...referenceProblems(this.#root, this.#registries))
    const rest = { root: this.#root, problems: this.#problems, warnings: this.#warnings }
    const isWhole = general && store && keys && plugins && functions && llms && authentication && workflow
    if (this.#problems.length > 0 || !isWhole) return rest
    const parsed = { general, store, keys, plugins, functions, llms, authentication, workflow }
    const problems = agreementProblems(this.#root, parsed)
    if (problems.length > 0) return { ...rest, problems }
    return { ...rest, warnings: [...this.#warnings, ...agreementWarnings(this.#root, parsed)], parsed }
  }

  #checkTopLevel(): void {
    if (this.#root.kind !== 'map') return
    for (const key of this.#root.entries.keys()) {
      if (topLevel.includes(key)) continue
      const sentence = refusedSections.has(key)
        ? `${quoted(key)} is not implemented here`
        : `unknown key ${quoted(key)}${knownNames(key, topLevel)}`
      this.#problems.push(keyProblem(this.#root, [key], sentence))
    }
  }

  /** Options that NAT has and that have no effect here are left out, and named. */
  #ignore(path: readonly string[], isIgnored: (key: string) => boolean, sentence: string): void {
    const node = nodeAt(this.#root, path)
    if (node?.kind !== 'map') return
    const found = [...node.entries.keys()].filter(isIgnored)
    for (const key of found) this.#warnings.push(keyProblem(this.#root, [...path, key], sentence))
    if (found.length > 0) this.#root = withNode(this.#root, path, withoutKeys(node, new Set(found)))
  }

  #validate<T>(schema: ZodType<T>, key: string): T | undefined {
    const { value, root, problems } = validate(schema, this.#root, [key])
    this.#root = root
    this.#problems.push(...problems)
    return value
  }

  #section(section: Section, sort: string): ReadonlyMap<string, ConfiguredComponent> {
    const node = nodeAt(this.#root, [section])
    if (node === undefined || (node.kind === 'scalar' && node.value === null)) return new Map()
    if (node.kind !== 'map') {
      this.#problems.push(problem(this.#root, [section], 'expected a map of names'))
      return new Map()
    }
    const components = [...node.entries.keys()].map((name) => this.#component([section, name], this.#registries[section], sort))
    return new Map(components.flatMap((component) => (component === undefined ? [] : [[component.name, component] as const])))
  }

  #component(path: readonly string[], registry: Registry<ComponentDefinition>, sort: string): ConfiguredComponent | undefined {
    const { component, root, problems, warnings } = readComponent(this.#root, path, { registry, sort })
    this.#root = root
    this.#problems.push(...problems)
    this.#warnings.push(...warnings)
    return component
  }
}
