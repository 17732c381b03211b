import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { linkHash, type Rows, silentLog, type Store } from '@countersign/core'
import { nodeRuntime, openPostgresStore, openSqliteStore } from '@countersign/server'
import Database from 'libsql'
import { ask, storeUrl } from './databases.ts'
import { compared, plain } from './figure.ts'
import type { DatabaseAt } from './floors/append-log.ts'
import { interleave } from './measure.ts'
import { countersign, firstPrompt } from './served.ts'
import { writeSignInWorkflow } from './sign-in-workflow.ts'
import type { StoreClaim } from './store-claim.ts'

/** Chains as conversations leave them: a question, an approval, a result. */
const CHAINS = 10_000
const RECORDS = 12
const ROUNDS = 5
const TOTAL = CHAINS * RECORDS

const runtime = nodeRuntime(silentLog)

/** What `countersign audit verify` verifies a second, the start of the command included. */
export const auditVerify: StoreClaim = {
  name: 'audit-verify',
  async measureOn(databases, say) {
    const database = await databases.make('audit')
    say(`${TOTAL} records in ${CHAINS} chains`)
    await fill(database)
    const config = writeSignInWorkflow(`${database.file}.yml`, { store: storeUrl(database) })
    // A server that starts and stops signs all there is.
    await firstPrompt([countersign, 'serve', '--config_file', config, '--port', '0', '--log_level', 'error'], {
      question: 'Who am I?',
      frames: ['system_interaction_message'],
    })
    say(`the command, and the bare parts, in turns, ${ROUNDS} rounds`)
    let rss = 0
    const ours = async (): Promise<number> => {
      const { perSecond, peak } = await verify(config)
      rss = Math.max(rss, peak)
      return perSecond
    }
    const { floor, values, ratios } = await interleave(() => readAndHash(database), [ours], ROUNDS)
    return [
      compared('audit verify', 'records/s', { value: values[0] ?? 0, floor, ratio: ratios[0] ?? 0 }),
      plain('audit verify, memory at its end', 'MiB', { value: rss / 2 ** 20 }),
    ]
  },
}

/** Runs the command to its verdict. */
async function verify(config: string): Promise<{ readonly perSecond: number; readonly peak: number }> {
  const startedAt = performance.now()
  const tellMemory = "process.on('exit', () => process.stderr.write(String(process.resourceUsage().maxRSS)))"
  const node = ['--import', `data:text/javascript,${encodeURIComponent(tellMemory)}`]
  const child = spawn(process.execPath, [...node, countersign, 'audit', 'verify', '--config_file', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [said, peak] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (!said.includes('The audit is whole')) throw new Error(`the audit is not whole: ${said}${peak}`)
  return { perSecond: TOTAL / ((performance.now() - startedAt) / 1_000), peak: Number(peak) * 1_024 }
}

/** The same records read in one go and hashed once, with nothing compared: records a second. */
async function readAndHash({ file, url }: DatabaseAt): Promise<number> {
  const startedAt = performance.now()
  const sql = 'select stream, number, at, previous, hash, record from audits order by stream, number'
  const rows = url === undefined ? readFile(file, sql) : await ask(url, sql)
  let count = 0
  for (const row of rows) {
    const { stream, number, previous, at, record } = row as Readonly<Record<string, unknown>>
    createHash('sha256')
      .update(JSON.stringify([stream, number, previous, at, record]))
      .digest()
    count += 1
  }
  return count / ((performance.now() - startedAt) / 1_000)
}

function readFile(file: string, sql: string): readonly unknown[] {
  const database = new Database(file)
  try {
    return database.prepare(sql).all()
  } finally {
    database.close()
  }
}

async function fill(database: DatabaseAt): Promise<void> {
  const { file, url } = database
  const store = await (url === undefined ? openSqliteStore({ file, runtime }) : openPostgresStore({ url, runtime }))
  for (let chain = 0; chain < CHAINS; chain += 100)
    await Promise.all(Array.from({ length: 100 }, (_, index) => insertChain(store, `principal:bench-${chain + index}`)))
  await store.close()
}

function insertChain(store: Store, stream: string): Promise<void> {
  const records: Rows['audits'][] = []
  let previous = ''
  for (let number = 1; number <= RECORDS; number += 1) {
    const digest = Buffer.from(runtime.randomBytes(32)).toString('base64url')
    const record = { type: 'policy-decision', run: runtime.id(), call: runtime.id(), tool: 'transfer', effect: 'ask', input: digest }
    const link = { stream, number, at: runtime.now(), previous, record }
    previous = linkHash(runtime, link)
    records.push({ ...link, hash: previous })
  }
  return store.transact('fill', async (transaction) => {
    await transaction.insert('audits', ...records)
    await transaction.insert('streams', { id: stream, number: RECORDS, head: previous })
    await transaction.insert('tails', { id: stream, signed: 0 })
  })
}
