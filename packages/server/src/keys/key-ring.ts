import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { CountersignError, type Runtime, type SealingKey, toBase64url } from '@countersign/core'
import { z } from 'zod'

/** What the server's keys are for; each use has keys of its own. */
export type KeyUse = 'session' | 'vault'

/** The server's keys, newest first: the first signs or seals, all verify or open. */
export type KeyRing = Readonly<Record<KeyUse, readonly [SealingKey, ...SealingKey[]]>>

const keyList = z.array(z.strictObject({ id: z.string().regex(/^[\w-]{1,40}$/), key: z.base64() })).min(1)
const keyFile = z.strictObject({ session: keyList, vault: keyList })

/**
 * Reads the key file, or makes it on the first start: 0600, in a folder of mode 0700, never in the database.
 * @throws CountersignError `invalid_config` when the file is there but cannot be used
 */
export function loadKeyRing(file: string, runtime: Pick<Runtime, 'randomBytes'>): KeyRing {
  const text = readOrMake(file, runtime)
  const parsed = keyFile.safeParse(parseJson(text, file))
  if (!parsed.success)
    throw new CountersignError(
      'invalid_config',
      `the key file "${file}" is not of the known form; restore it, or remove it to start with new keys`,
    )
  return { session: ring(parsed.data.session, file), vault: ring(parsed.data.vault, file) }
}

function ring(list: z.infer<typeof keyList>, file: string): KeyRing[KeyUse] {
  const [first, ...rest] = list.map(({ id, key }): SealingKey => {
    const bytes = Uint8Array.from(Buffer.from(key, 'base64'))
    if (bytes.length !== 32) throw new CountersignError('invalid_config', `key "${id}" in "${file}" must have 32 bytes`)
    return { id, bytes }
  })
  if (!first) throw new CountersignError('invalid_config', `the key file "${file}" has no key`)
  return [first, ...rest]
}

function readOrMake(file: string, { randomBytes }: Pick<Runtime, 'randomBytes'>): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'))
      throw new CountersignError('invalid_config', `the key file "${file}" cannot be read`, { cause })
  }
  const fresh = (): { id: string; key: string }[] => [
    { id: `k-${toBase64url(randomBytes(6))}`, key: Buffer.from(randomBytes(32)).toString('base64') },
  ]
  const text = `${JSON.stringify({ session: fresh(), vault: fresh() }, null, 2)}\n`
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // Whole or not at all: half a key file would lock everybody out of what it sealed.
  const draft = `${file}.new`
  writeFileSync(draft, text, { mode: 0o600, flush: true })
  renameSync(draft, file)
  return text
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new CountersignError('invalid_config', `the key file "${file}" is not JSON; restore it, or remove it to start with new keys`)
  }
}
