import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log, LogFacts } from '@countersign/core'
import type { HostileServer } from '@countersign/core/testing'
import { type CountersignServer, loadConfig, serve, serverSchema } from '@countersign/server'
import { onTestFinished } from 'vitest'
import { isQuestion, type NatClient, openNatClient } from '../e2e/nat-client.ts'
import { PlainBrowser } from '../e2e/plain-browser.ts'
import { openPort } from '../faults/open-port.ts'

/** A server with one tool that needs a sign-in, its authorization server, and what its operator reads. Ends with the test. */
export interface AttackStage {
  readonly server: CountersignServer
  readonly origin: string
  readonly provider: HostileServer
  /** Every line of the log, whole and at every level. */
  readonly lines: readonly string[]
  readonly person: () => Promise<AttackedPerson>
}

/** A browser, by hand, and its chat. */
export interface AttackedPerson {
  readonly browser: PlainBrowser
  readonly client: NatClient
  /** Asks what needs a sign-in. @returns the address that would open it */
  readonly ask: () => Promise<string>
}

/** @param limits of `general.front_end.limits` */
export async function attackStage(limits: Readonly<Record<string, number>> = {}): Promise<AttackStage> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign attacks '))
  const { server: provider } = await openPort()
  letEverybodyIn(provider)
  const file = join(folder, 'workflow.yml')
  writeFileSync(file, JSON.stringify(workflow(folder, provider.issuer, limits)))
  const { config } = await loadConfig({ file, schema: serverSchema(), environment: {} })
  const lines: string[] = []
  const server = await serve(config, { log: logTo(lines) })
  onTestFinished(async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const origin = server.publicOrigin
  return { server, origin, provider, lines, person: () => personAt(origin) }
}

async function personAt(origin: string): Promise<AttackedPerson> {
  const browser = new PlainBrowser()
  await browser.visit(`${origin}/api/me`)
  const client = await openNatClient(origin, browser.cookiesOf(origin), `conversation-${crypto.randomUUID()}`)
  return {
    browser,
    client,
    async ask() {
      client.say('Who am I?')
      return String((await client.until(isQuestion)).content?.['text'])
    },
  }
}

function letEverybodyIn(provider: HostileServer): void {
  provider.script['/api/me'] = () => Response.json({ name: 'Ada' })
  provider.script['/authorize'] = (_form, request) => {
    const { searchParams } = new URL(request.url)
    const back = new URL(searchParams.get('redirect_uri') ?? '')
    const answer = { code: `code-${provider.requests.length}`, state: searchParams.get('state') ?? '', iss: provider.issuer }
    back.search = new URLSearchParams(answer).toString()
    return Response.redirect(back, 302)
  }
}

function logTo(lines: string[]): Log {
  const write = (message: string, facts: LogFacts = {}): void => void lines.push(`${message} ${JSON.stringify(facts)}`)
  return { debug: write, info: write, warn: write, error: write }
}

function workflow(folder: string, issuer: string, limits: object): object {
  return {
    general: { front_end: { host: 'localhost', port: 0, limits } },
    store: { url: `sqlite:${join(folder, 'countersign.db')}` },
    functions: { who_am_i: { _type: 'who_am_i', auth_provider: 'login', api_url: `${issuer}/api/me` } },
    llms: { demo: { _type: 'keyword_router' } },
    authentication: { login: { _type: 'oauth2_auth_code_flow', issuer, client_id: 'client', scopes: ['profile'] } },
    workflow: { _type: 'tool_calling_agent', tool_names: ['who_am_i'], llm_name: 'demo' },
  }
}
