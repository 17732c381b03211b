/** A key of 32 bytes and the name by which what it sealed or signed remembers it. */
export interface SealingKey {
  readonly id: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** The keys of one use, newest first: the first seals or signs, all open or verify. */
export type KeyList = readonly [SealingKey, ...SealingKey[]]

/** The keys as they are now; asked with the name of a key that was not among them, it looks again. */
export type KeySource = (missing?: string) => KeyList

/** The key of that name; one that is not among them is looked for once more, for another server may have used it a moment after it was made. */
export function keyNamed(source: KeySource, id: string): SealingKey | undefined {
  const isNamed = (key: SealingKey): boolean => key.id === id
  return source().find(isNamed) ?? source(id).find(isNamed)
}
