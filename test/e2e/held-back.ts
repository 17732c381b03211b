import type { DemoProviderOptions } from '@countersign/demo-provider'
import { gate } from '@countersign/core/testing'

/** Requests to a path of the provider that are not answered before a test says so. */
export interface HeldBack {
  readonly intercept: NonNullable<DemoProviderOptions['intercept']>
  /** Resolves when the first has come. */
  readonly arrived: Promise<void>
  release(): void
}

export function holdBack(path: string): HeldBack {
  const arrival = gate()
  const answer = gate()
  return {
    arrived: arrival.opened,
    release: answer.open,
    async intercept(request) {
      if (request.url !== path) return false
      arrival.open()
      await answer.opened
      return false
    },
  }
}
