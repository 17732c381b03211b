import { createHash } from 'node:crypto'
import { type Log, type Runtime, systemRuntime } from '@countersign/core'

/** The real world on Node: native SHA-256, and the log of the server. */
export function nodeRuntime(log: Log): Runtime {
  return systemRuntime({ sha256: (data) => createHash('sha256').update(data).digest(), log })
}
