import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Rows, type Store, silentLog } from '@countersign/core'
import type { HostileServer } from '@countersign/core/testing'
import { nodeRuntime, openPostgresStore } from '@countersign/server'
import { onTestFinished } from 'vitest'
import { createDatabase } from '../../tools/postgres-cluster.mjs'
import type { PlainBrowser } from '../e2e/plain-browser.ts'
import { type ChatPerson, openPerson } from '../faults/chat-person.ts'
import { openPort } from '../faults/open-port.ts'
import { signInAnswers } from '../faults/sign-in-answers.ts'
import { openFront } from '../soak/front.ts'
import { Findings } from '../soak/findings.ts'
import { inspectChains } from '../soak/inspect-chains.ts'
import { Instance } from '../soak/instance.ts'
import { type HeldOutside, openHeldOutside } from './held-outside.ts'

/** Two servers on one database, each a process that can be killed or stopped, behind a front that leads where a test says. */
export interface TakeoverStage {
  readonly origin: string
  readonly outside: HeldOutside
  /** The authorization server. */
  readonly provider: HostileServer
  /** The servers' processes. */
  readonly pids: readonly [number, number]
  /** From now on requests and new sockets go to the other server than this process. */
  leadAwayFrom(pid: number): void
  /** Lets one of them write to the database and wait for it, behind whatever it has tried before. */
  askDatabase(pid: number): Promise<void>
  /** Somebody in a conversation of their own; or another tab of their browser. */
  person(conversationId: string, browser?: PlainBrowser): Promise<ChatPerson>
  rows<T extends 'runs' | 'calls' | 'authorizations' | 'credentials'>(table: T): Promise<readonly Rows[T][]>
  /** What the audit says against what was written down. */
  findings(): Promise<readonly string[]>
}

/** Opens one; it ends with the test. @param program the bundled `takeover-process` */
export async function openTakeoverStage(program: string): Promise<TakeoverStage> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign takeover '))
  const outside = await openHeldOutside()
  const { server: provider } = await openPort()
  signInAnswers(provider)
  const instances: Instance[] = []
  let avoided: number | undefined
  const front = await openFront(() => instances.flatMap(({ port, pid }) => (port === undefined || pid === avoided ? [] : [port])))
  const url = await createDatabase()
  const file = writeWorkflow(folder, { url, origin: front.origin, outside: outside.url, issuer: provider.issuer })
  for (let index = 0; index < 2; index += 1) {
    const instance = new Instance([program, file], () => undefined)
    instances.push(instance)
    // One after another: the first writes the tables and the keys.
    await instance.start()
  }
  const [{ pid: one = 0 } = {}, { pid: other = 0 } = {}] = instances
  const store = await openPostgresStore({ url, runtime: nodeRuntime(silentLog) })
  onTestFinished(async () => {
    for (const { pid } of instances) if (pid !== undefined) proceed(pid)
    await Promise.all(instances.map((instance) => instance.kill()))
    await Promise.all([front.stop(), outside.stop(), store.close()])
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    origin: front.origin,
    outside,
    provider,
    pids: [one, other],
    leadAwayFrom: (pid) => {
      avoided = pid
    },
    async askDatabase(asked) {
      const port = instances.find(({ pid }) => pid === asked)?.port
      await (await fetch(`http://127.0.0.1:${port}/health/ready`)).text()
    },
    person: (conversationId, browser) => openPerson(front.origin, conversationId, browser),
    rows: (table) => store.transact('look', (transaction) => transaction.find(table, {})),
    findings: () => auditFindings(store, join(folder, '.countersign', 'keys.json')),
  }
}

/** Ends a process between two instructions. */
export function kill(pid: number): void {
  process.kill(pid, 'SIGKILL')
}

/** Stops a process between two instructions, for as long as nobody lets it proceed. */
export function halt(pid: number): void {
  process.kill(pid, 'SIGSTOP')
}

export function proceed(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT')
  } catch {
    // It has ended.
  }
}

async function auditFindings(store: Store, keyFile: string): Promise<readonly string[]> {
  const findings = new Findings(() => undefined)
  await inspectChains(store, keyFile, findings)
  return [...findings.lost, ...findings.doubled]
}

interface Addresses {
  readonly url: string
  readonly origin: string
  readonly outside: string
  readonly issuer: string
}

function writeWorkflow(folder: string, { url, origin, outside, issuer }: Addresses): string {
  const workflow = {
    general: { front_end: { host: 'localhost', port: 0, public_url: origin } },
    store: { url },
    functions: {
      first: { _type: 'task', outside, idempotent: false },
      safe: { _type: 'task', outside, idempotent: true },
      risky: { _type: 'task', outside, idempotent: false },
      who_am_i: { _type: 'who_am_i', auth_provider: 'login', api_url: `${issuer}/api/me` },
    },
    llms: { demo: { _type: 'obedient' } },
    authentication: { login: { _type: 'oauth2_auth_code_flow', issuer, client_id: 'client', scopes: ['profile'] } },
    workflow: { _type: 'tool_calling_agent', tool_names: ['first', 'safe', 'risky', 'who_am_i'], llm_name: 'demo' },
  }
  const file = join(folder, 'workflow.yml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(workflow))
  return file
}
