import type { Store } from '../store/store.ts'

/** Looks now and after each commit that somebody is told of, until there is something to see. */
export function until<T>(store: Store, look: () => Promise<T | undefined>): Promise<T> {
  return new Promise((resolve, reject) => {
    const check = (): void => {
      look().then((seen) => {
        if (seen === undefined) return
        stop()
        resolve(seen)
      }, reject)
    }
    const stop = store.subscribe('conversation', check)
    check()
  })
}
