import type { z } from 'zod'
import type { AuthProvider } from '../auth/auth-provider.ts'
import type { FetchLimits } from './oauth-fetch.ts'

/** A sort of auth provider: what its entry in a workflow file looks like, and how to make one of it. */
export interface ProviderDefinition<Config extends z.ZodType = z.ZodType> {
  /** The `_type` of its entries. */
  readonly type: string
  readonly config: Config
  /** The keys that name other entries: a name that leads nowhere is then found when the file is read. */
  readonly references?: readonly ProviderReference[]
  /** Makes no network call. `config` is what parsing with the schema gave. */
  create(config: z.output<Config>, setup: ProviderSetup): AuthProvider
  /** What an operator should know of a configuration that may be used, by the key it is about. */
  cautions?(config: z.output<Config>): Readonly<Record<string, string>>
}

/** A key of an entry that names another auth provider. */
export interface ProviderReference {
  readonly key: string
  readonly to: 'authentication'
  /** The types that may not stand there, each with the reason. */
  readonly refuses?: Readonly<Record<string, string>>
}

/** What a provider is told besides its configuration. */
export interface ProviderSetup {
  /** The name of its entry, for messages. */
  readonly name: string
  /** How long and how much a server may answer; what is not given has its default. */
  readonly limits?: Partial<FetchLimits>
}

/** Lets a definition's `create` know the type of its own configuration. */
export function defineProvider<Config extends z.ZodType>(definition: ProviderDefinition<Config>): ProviderDefinition<Config> {
  return definition
}
