import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log } from '@countersign/core'
import { type CountersignServer, loadConfig, serve, serverSchema } from '@countersign/server'
import { onTestFinished } from 'vitest'
import { Moments } from '../soak/moments.ts'
import { type Outside, openOutside } from '../soak/outside.ts'
import { soakParts } from '../soak/soak-parts.ts'
import { type ChatPerson, openPerson } from './chat-person.ts'
import { openPort } from './open-port.ts'
import { signInAnswers } from './sign-in-answers.ts'

/** How long the database may take for an answer, seconds: a test is not to wait for long. */
const TIMEOUT_SECONDS = 0.5
/** How soon the run of a server that gave it up may be taken up, milliseconds. */
const LEASE_MS = 600

/** A server on a database that a test takes away, and what it acts on. */
export interface AwayStage {
  readonly server: CountersignServer
  readonly outside: Outside
  /** The sign-in server's answers to `/authorize` lead back here. */
  readonly issuer: string
  /** What it logged as warnings and errors, with when. */
  readonly lines: readonly { readonly at: number; readonly message: string; readonly error: string }[]
  /** What the server says of itself. */
  readonly readiness: () => Promise<readonly [http: number, status: string]>
  readonly isAlive: () => Promise<boolean>
  /** Somebody in a conversation of their own. */
  person(conversationId: string): Promise<ChatPerson>
}

export async function openAwayStage(databaseUrl: string): Promise<AwayStage> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign away '))
  const outside = await openOutside(new Moments(), () => 20)
  const { server: provider } = await openPort()
  signInAnswers(provider)
  const file = join(folder, 'workflow.yml')
  writeFileSync(file, JSON.stringify(workflow(databaseUrl, outside.url, provider.issuer)))
  const { config } = await loadConfig({ file, schema: serverSchema([soakParts]), environment: {} })
  const lines: { at: number; message: string; error: string }[] = []
  const server = await serve(config, { log: logInto(lines), limits: { leaseMs: LEASE_MS, exchangeDeadlineMs: 2_000, deltaGatherMs: 5 } })
  onTestFinished(async () => {
    await server.stop()
    await outside.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    server,
    outside,
    issuer: provider.issuer,
    lines,
    readiness: async () => {
      const response = await fetch(`${server.publicOrigin}/health/ready`)
      return [response.status, ((await response.json()) as { status: string }).status] // our own route
    },
    isAlive: async () => (await fetch(`${server.publicOrigin}/health`)).ok,
    person: (conversationId) => openPerson(server.publicOrigin, conversationId),
  }
}

function logInto(lines: { at: number; message: string; error: string }[]): Log {
  const note: Log['warn'] = (message, facts) => void lines.push({ at: Date.now(), message, error: String(facts?.error ?? '') })
  return { debug: () => undefined, info: () => undefined, warn: note, error: note }
}

function workflow(url: string, outside: string, issuer: string): object {
  const limits = { max_new_sessions_per_minute_and_address: 10_000, max_messages_per_10_seconds: 10_000 }
  return {
    general: { front_end: { host: 'localhost', port: 0, limits } },
    store: { url, timeout_seconds: TIMEOUT_SECONDS, max_connections: 4 },
    functions: {
      note: { _type: 'deed', outside, idempotent: true },
      pay: { _type: 'deed', outside, risk: 'high' },
      visit: { _type: 'visit', outside, api: `${issuer}/api/me`, reuse: 'conversation' },
    },
    llms: { demo: { _type: 'obedient' } },
    authentication: { demo: { _type: 'oauth2_auth_code_flow', issuer, client_id: 'client', scopes: ['profile'] } },
    workflow: { _type: 'tool_calling_agent', tool_names: ['note', 'pay', 'visit'], llm_name: 'demo' },
  }
}
