import { toBase64url } from './base64url.ts'

const RANDOM_BYTES = 16
/** One request to the system gives the randomness of many ids; no byte is given out twice. */
const POOL_BYTES = 256 * RANDOM_BYTES

/**
 * Ids in the order of time: milliseconds, then 128 random bits. Rows that are written together lie together in every index then, so a
 * commit writes few of its pages, however large it has grown.
 */
export function orderedIds(now: () => number, randomBytes: (length: number) => Uint8Array): () => string {
  let pool = new Uint8Array(0)
  let used = 0
  return () => {
    if (used === pool.length) {
      pool = Uint8Array.from(randomBytes(POOL_BYTES))
      used = 0
    }
    used += RANDOM_BYTES
    // Nine digits reach to the year 5188, and compare as texts like the numbers they stand for.
    return now().toString(36).padStart(9, '0') + toBase64url(pool.subarray(used - RANDOM_BYTES, used))
  }
}
