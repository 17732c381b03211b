import type { Rows } from '@countersign/core'
import type { Aftermath } from '@countersign/core/testing'

/** What the last process saw in the rows. */
export interface Ending extends Omit<Aftermath, 'effects'> {
  readonly authorizations: readonly Rows['authorizations'][]
  /** What it logged as an error. */
  readonly errors: readonly string[]
}
