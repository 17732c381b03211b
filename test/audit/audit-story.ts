import {
  type AuditFinding,
  type AuditVerdict,
  type AuditSigner,
  Checkpoints,
  type Rows,
  type Runtime,
  type Store,
  type TableName,
  verifyAudit,
} from '@countersign/core'
import { people, signInWorld } from '@countersign/core/testing'
import { auditSigner } from '../../packages/server/src/audit/audit-signer.ts'

/** The tables that the audit stands in. */
export const auditTables = ['audits', 'conversations', 'streams', 'tails', 'checkpoints'] as const
export type AuditTable = (typeof auditTables)[number]

/** Everything that those tables hold. */
export type AuditRows = { readonly [T in AuditTable]: readonly Rows[T][] }

/** What happened, and with which key it was signed. */
export interface AuditStory {
  readonly rows: AuditRows
  readonly runtime: Runtime
  readonly signer: AuditSigner
}

/** The signer of a key that is made of one byte. */
export function signerOf(id: string, byte: number): AuditSigner {
  return auditSigner(() => [{ id, bytes: new Uint8Array(32).fill(byte) }])
}

/** Two people sign in and are served, with a checkpoint between them and one after; then one of them asks again, which nothing covers yet. */
export async function auditStory(): Promise<AuditStory> {
  const world = signInWorld()
  const signer = signerOf('k-audit', 7)
  const { runtime, store } = world
  const checkpoints = new Checkpoints({ store, runtime, signer })
  const process = world.spawn('process-1')
  const { ada, linus } = people
  for (const person of [ada, linus]) {
    const run = await world.say(process, person)
    await world.signIn(process, person)
    await world.ended(run)
    await runtime.advance(10_000)
    await checkpoints.tick()
  }
  await world.ended(await world.say(process, ada))
  return { rows: await readAudit(store), runtime, signer }
}

/** What the tables hold now. */
export function readAudit(store: Store): Promise<AuditRows> {
  return store.transact('read', async (transaction) => ({
    audits: await transaction.find('audits', {}),
    conversations: await transaction.find('conversations', {}),
    streams: await transaction.find('streams', {}),
    tails: await transaction.find('tails', {}),
    checkpoints: await transaction.find('checkpoints', {}, { orderBy: 'number' }),
  }))
}

/** Makes a store hold exactly these rows. */
export function writeAudit(store: Store, rows: AuditRows): Promise<void> {
  return store.transact('write', async (transaction) => {
    const put = async <T extends TableName>(table: T, all: readonly Rows[T][]): Promise<void> => {
      await transaction.remove(table, {})
      if (all.length > 0) await transaction.insert(table, ...all)
    }
    await put('audits', rows.audits)
    await put('conversations', rows.conversations)
    await put('streams', rows.streams)
    await put('tails', rows.tails)
    await put('checkpoints', rows.checkpoints)
  })
}

/** What a verification finds, each as `stream#number problem`. */
export async function verified(
  store: Store,
  { runtime, signer }: Pick<AuditStory, 'runtime' | 'signer'>,
  known?: string,
): Promise<{ readonly verdict: AuditVerdict; readonly found: readonly string[] }> {
  const found: AuditFinding[] = []
  const report = (finding: AuditFinding): void => void found.push(finding)
  const verdict = await verifyAudit({ store, runtime, signer, report, ...(known !== undefined && { known }) })
  return { verdict, found: found.map(({ stream, number, problem }) => `${stream}#${number} ${problem}`) }
}
