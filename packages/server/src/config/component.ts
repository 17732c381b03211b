import type { Registry } from '@countersign/core'
import type { ZodType } from 'zod'

/** The sections that hold named components. */
export type Section = 'functions' | 'llms' | 'authentication'

/** How entries of one `_type` are read. */
export interface ComponentDefinition {
  readonly type: string
  /** The entry without its `_type`; a strict object, so that unknown keys are found. */
  readonly config: ZodType
  /** Keys whose value, or each of whose values, names a component of a section. `a.b` is a key inside a map. */
  readonly references?: readonly Reference[]
  /** Another name of a key → the key. */
  readonly aliases?: Readonly<Record<string, string>>
  /** Keys that NAT documents and that have no effect here. */
  readonly ignored?: readonly string[]
}

/** A key of a component that names others. */
export interface Reference {
  readonly key: string
  readonly to: Section
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
