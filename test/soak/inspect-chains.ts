import { silentLog, type Store, verifyAudit } from '@countersign/core'
import { nodeRuntime } from '@countersign/server'
import { auditSigner } from '../../packages/server/src/audit/audit-signer.ts'
import { keysAt } from '../../packages/server/src/keys/key-place.ts'
import { keyListsOf, requireWhole } from '../../packages/server/src/keys/stored-keys.ts'
import type { Findings } from './findings.ts'

/** Every audit chain is whole and reaches its head, and every checkpoint holds: what `countersign audit verify` says. */
export async function inspectChains(store: Store, keyFile: string, findings: Findings): Promise<void> {
  const { audit } = keyListsOf(requireWhole(keysAt({ kind: 'file', file: keyFile }), keyFile))
  const { records } = await verifyAudit({
    store,
    runtime: nodeRuntime(silentLog),
    signer: auditSigner(() => audit),
    report: ({ problem, stream, number, sentence }) => findings.add('lost', `audit: ${stream}, record ${number}: ${problem}: ${sentence}`),
  })
  findings.must(records > 0, 'lost', 'the audit is empty')
}
