import { type AuditFinding, type AuditProgress, type AuditVerdict, type Store, silentLog, verifyAudit } from '@countersign/core'
import { auditSigner } from '../audit/audit-signer.ts'
import type { ServerConfig } from '../config/build.ts'
import { keyPlace } from '../config/state-files.ts'
import { keysAt, placeInWords } from '../keys/key-place.ts'
import { keyListsOf, requireWhole } from '../keys/stored-keys.ts'
import { printable } from '../runtime/log-text.ts'
import { nodeRuntime } from '../runtime/node-runtime.ts'

/** How a verification is asked for. */
export interface VerifyFlags {
  readonly checkpoint?: string
}

/** More findings are counted, not listed: where one chain was written anew, each further line says the same. */
const MAX_LISTED = 100
/** How often a terminal is told how far it is, milliseconds. */
const PROGRESS_MS = 200

/** Verifies the trail, lists what is wrong on standard output and ends with the verdict. @returns whether the trail is whole */
export async function verifyWhole(store: Store, config: ServerConfig, { checkpoint }: VerifyFlags): Promise<boolean> {
  const place = keyPlace(config)
  const { audit } = keyListsOf(requireWhole(keysAt(place), placeInWords(place)))
  let found = 0
  const report = (finding: AuditFinding): void => {
    found += 1
    if (found <= MAX_LISTED) process.stdout.write(`${printable(findingLine(finding))}\n`)
  }
  const verdict = await verifyAudit({
    store,
    runtime: nodeRuntime(silentLog),
    signer: auditSigner(() => audit),
    report,
    ...(checkpoint !== undefined && { known: checkpoint }),
    ...(process.stderr.isTTY && { progress: progressOn(process.stderr) }),
  })
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K')
  process.stdout.write(printable(verdictText(verdict, found)))
  return verdict.isWhole
}

function findingLine({ problem, stream, number, sentence }: AuditFinding): string {
  return stream === 'checkpoints' ? `checkpoint ${number}: ${problem}: ${sentence}` : `${stream}, record ${number}: ${problem}: ${sentence}`
}

function verdictText({ isWhole, records, streams, checkpoints, uncovered, last }: AuditVerdict, found: number): string {
  const size = `${counted(records, 'record')} in ${counted(streams, 'chain')}, ${counted(checkpoints, 'checkpoint')}`
  const more = found > MAX_LISTED ? `… and ${(found - MAX_LISTED).toLocaleString('en')} more\n` : ''
  const head = isWhole ? `The audit is whole: ${size}.` : `The audit is BROKEN: ${counted(found, 'finding')} in ${size}.`
  return `${more}${head}\n${coverage({ uncovered, last })}\n`
}

/** What the checkpoints do not prove is said each time, also when nothing was found. */
function coverage({ uncovered, last }: Pick<AuditVerdict, 'uncovered' | 'last'>): string {
  if (!last) return 'No checkpoint has been made yet: nothing here can be proved against an owner of the database.'
  const since = uncovered === 0 ? 'No record is' : `${counted(uncovered, 'record')} ${uncovered === 1 ? 'is' : 'are'}`
  const newest = `The last checkpoint is ${last.number}, of ${new Date(last.at).toISOString()}: ${last.hash}`
  return `${newest}\n${since} younger than it. What is younger than the last checkpoint that you kept elsewhere, an owner of the database can take away unseen.`
}

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
}

function progressOn(stream: NodeJS.WriteStream): (progress: AuditProgress) => void {
  let nextAt = Date.now() + PROGRESS_MS
  return ({ records, checkpoints }) => {
    if (Date.now() < nextAt) return
    nextAt = Date.now() + PROGRESS_MS
    stream.write(`\r\u001B[K${counted(records, 'record')}, ${counted(checkpoints, 'checkpoint')}`)
  }
}
