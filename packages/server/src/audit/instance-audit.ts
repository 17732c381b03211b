import { appendToStream, type AuditRecord, type AuditSigner, Checkpoints, errorFacts, type Runtime, type Store } from '@countersign/core'
import { type KeyRing } from '../keys/key-ring.ts'
import { keyUses } from '../keys/stored-keys.ts'

export interface InstanceAuditDeps {
  readonly store: Store
  readonly runtime: Pick<Runtime, 'now' | 'sha256' | 'log' | 'id'>
  readonly keys: KeyRing
  readonly signer: AuditSigner
}

type InstanceRecord = AuditRecord<'server-start' | 'key-rotation' | 'server-stop'>

/** What this instance adds to the audit besides what it does for people: that it came and went, which keys it used, and the checkpoints. */
export class InstanceAudit {
  readonly #deps: InstanceAuditDeps
  readonly #instance: string
  readonly #checkpoints: Checkpoints
  #keysSeen: string | undefined

  constructor(deps: InstanceAuditDeps) {
    this.#deps = deps
    this.#instance = deps.runtime.id()
    this.#checkpoints = new Checkpoints(deps)
  }

  /** Looks for newer keys, and signs what has moved when it is time. */
  async tick(): Promise<void> {
    await this.#noteKeys()
    await this.#checkpoints.tick()
  }

  /** The last act of an instance: what it has recorded is signed, also that it stops. A failure is logged; it must not keep a server from stopping. */
  async close(): Promise<void> {
    try {
      if (this.#keysSeen !== undefined) await this.#append({ type: 'server-stop', instance: this.#instance })
      await this.#checkpoints.close()
    } catch (error) {
      this.#deps.runtime.log.error('the last records of the audit could not be signed; the next start does it', errorFacts(error))
    }
  }

  async #noteKeys(): Promise<void> {
    const keys = Object.fromEntries(keyUses.map((use) => [use, this.#deps.keys[use]()[0].id]))
    const seen = JSON.stringify(keys)
    if (seen === this.#keysSeen) return
    const type = this.#keysSeen === undefined ? 'server-start' : 'key-rotation'
    await this.#append({ type, instance: this.#instance, keys })
    this.#keysSeen = seen
  }

  #append(record: InstanceRecord): Promise<void> {
    const { store, runtime } = this.#deps
    return store.transact(record.type, (transaction) => appendToStream(transaction, runtime, { stream: 'instance', record }))
  }
}
