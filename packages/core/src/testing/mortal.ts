import type { Fetch } from '../runtime/runtime.ts'
import type { Store } from '../store/store.ts'
import { doorTo } from './faulty-store.ts'

/** Where a process can be cut: its n-th transaction or request, before it happens or after, so that nobody hears of it. */
export interface Cut {
  readonly point: number
  readonly side: 'before' | 'after'
}

/** A process's ways to the store and to the network, until it dies. */
export interface Mortal {
  readonly door: (store: Store) => Store
  readonly network: (fetch: Fetch) => Fetch
  /** The transactions and the requests to `path` so far, by name. */
  readonly points: readonly string[]
  /** Resolves at the cut. */
  readonly death: Promise<void>
}

const never = new Promise<never>(() => undefined)

/**
 * A process that dies at a cut: from then on none of its transactions happens and no answer reaches it.
 * @param path the requests that count as points; those to elsewhere are only lost to a dead process
 */
export function mortal(path: string, cut?: Cut): Mortal {
  const points: string[] = []
  let isDead = false
  let tellDeath = (): void => undefined
  const death = new Promise<void>((resolve) => {
    tellDeath = resolve
  })
  const die = (): Promise<never> => {
    isDead = true
    tellDeath()
    return never
  }
  const pass = async <T>(name: string, happen: () => Promise<T>): Promise<T> => {
    if (isDead) return never
    points.push(name)
    const isFatal = points.length - 1 === cut?.point
    if (isFatal && cut?.side === 'before') return die()
    // Dead before it comes back: whoever is told of the commit meanwhile does nothing any more.
    if (isFatal) isDead = true
    const value = await happen()
    return isFatal ? die() : isDead ? never : value
  }
  return {
    points,
    death,
    door: (store) => doorTo(store, pass),
    network: (fetch) => async (input, init) => {
      const address = new URL(input instanceof Request ? input.url : input)
      if (isDead) return never
      if (address.pathname === path) return pass(`request to ${path}`, () => fetch(input, init))
      const response = await fetch(input, init)
      return isDead ? never : response
    },
  }
}
