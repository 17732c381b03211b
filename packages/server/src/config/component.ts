import type { Registry } from '@countersign/core'
import type { z } from 'zod'

/** The sections that hold named components. */
export type Section = 'functions' | 'llms' | 'authentication'

/** How entries of one `_type` are read. */
export interface ComponentDefinition<Config extends z.ZodType = z.ZodType> {
  readonly type: string
  /** The entry without its `_type`; a strict object, so that unknown keys are found. */
  readonly config: Config
  /** Keys whose value, or each of whose values, names a component of a section. `a.b` is a key inside a map, `a.*` each of what is in it. */
  readonly references?: readonly Reference[]
  /** Another name of a key → the key. */
  readonly aliases?: Readonly<Record<string, string>>
  /** Keys that NAT documents and that have no effect here. */
  readonly ignored?: readonly string[]
  /** What an operator should know of an entry that may be used, by the key it is about. */
  cautions?(config: z.output<Config>): Readonly<Record<string, string>>
}

/** A key of a component that names others. */
export interface Reference {
  readonly key: string
  readonly to: Section
  /** Whether the names are the values there (default) or the keys of a map. */
  readonly by?: 'value' | 'key'
  /** The types that may not stand there, each with the reason. */
  readonly refuses?: Readonly<Record<string, string>>
}

/** All that a configuration may name. */
export interface ComponentRegistries {
  readonly functions: Registry<ComponentDefinition>
  readonly llms: Registry<ComponentDefinition>
  readonly authentication: Registry<ComponentDefinition>
  readonly workflows: Registry<ComponentDefinition>
}

/** An entry of the configuration that its definition has read. */
export interface ConfiguredComponent {
  /** The name under which it is configured. */
  readonly name: string
  readonly type: string
  /** What the definition's schema made of it. */
  readonly config: unknown
}
