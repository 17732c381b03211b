import { Receipts } from '../interaction/receipts.ts'
import type { Runtime } from '../runtime/runtime.ts'

/** Receipts as every process of a test makes them. */
export function testReceipts(runtime: Pick<Runtime, 'sha256'>): Receipts {
  return new Receipts(() => [{ id: 'r1', bytes: new Uint8Array(32).fill(9) }], runtime)
}
