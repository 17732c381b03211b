import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Answer, paths, tokenBody } from '@countersign/core/testing'
import { loadConfig, pinoLog, serve, serverSchema } from '@countersign/server'
import { expect, onTestFinished, test } from 'vitest'
import { type Frame, isComplete, isQuestion, type NatClient, openNatClient } from '../e2e/nat-client.ts'
import { PlainBrowser } from '../e2e/plain-browser.ts'
import { anywhere, endless } from './faults.ts'
import { openPort } from './open-port.ts'

const ME = '/api/me'
const quick = Object.entries(anywhere).filter(([, { isSilent }]) => !isSilent)

test.each(quick)(
  'served, before consent, a server that %s: the page says so, the server lives, and trying again signs in',
  async (_name, { answer }) => {
    const { person, server, startUrl, isHealthy } = await served()
    const wellBehaved = server.script[paths.oidc]
    server.script[paths.oidc] = answer
    const problem = await page(person, startUrl)
    expect([problem.status, problem.text]).toEqual([502, expect.stringContaining('did not answer as it should. You can try again.')])
    expect(problem.text).not.toMatch(/ECONNREFUSED|pool\.js|alert\(1\)/)
    expect(await isHealthy()).toBe(true)
    if (wellBehaved) server.script[paths.oidc] = wellBehaved
    const done = await page(person, startUrl)
    expect([done.status, done.text]).toEqual([200, expect.stringContaining('You are signed in')])
    expect(await person.reply()).toBe('You are logged in as Ada.')
  },
)

test.each<readonly [string, { answer: Answer; sent?: () => number }]>([...quick, ['answers without end', endless()]])(
  'served, after consent, a token endpoint that %s: page and chat say one sentence, the server lives, and asking again works',
  async (_name, { answer, sent }) => {
    const { person, server, startUrl, isHealthy, ask } = await served()
    server.script[paths.token] = answer
    const failed = await page(person, startUrl)
    const sentence = `The sign-in failed because ${new URL(server.issuer).host} did not answer as it should.`
    expect([failed.status, failed.text]).toEqual([502, expect.stringContaining(sentence)])
    expect(failed.text).not.toMatch(/ECONNREFUSED|pool\.js|alert\(1\)|issued-/)
    expect(await person.reply()).toContain(sentence)
    expect(server.count(paths.token)).toBe(1)
    expect(sent?.() ?? 0).toBeLessThan(16 * 1024 * 1024)
    expect(await isHealthy()).toBe(true)
    server.script[paths.token] = () => Response.json(tokenBody())
    expect((await page(person, await ask('message-2'))).status).toBe(200)
    expect(await person.reply()).toBe('You are logged in as Ada.')
  },
)

test('served, an API that refuses, breaks or answers nonsense after the sign-in: the chat says so, and the server lives', async () => {
  const { person, server, startUrl, isHealthy } = await served()
  server.script[ME] = () => new Response('<html>', { headers: { 'content-type': 'text/html' } })
  await page(person, startUrl)
  expect(await person.reply()).toContain('did not answer with JSON')
  server.script[ME] = () => Response.error()
  person.client.say('Who am I?', 'message-2')
  expect(await person.reply()).toContain('failed')
  expect(await isHealthy()).toBe(true)
})

interface Person {
  readonly browser: PlainBrowser
  readonly client: NatClient
  /** The text of the next finished answer. */
  reply(): Promise<string>
}

/** A server on a port and a file of its own, and a person who has asked what needs a sign-in. */
async function served() {
  const folder = mkdtempSync(join(tmpdir(), 'countersign faults '))
  const { server } = await openPort()
  const { issuer } = server
  server.script['/authorize'] = (_form, request) => {
    const { searchParams } = new URL(request.url)
    const back = new URL(searchParams.get('redirect_uri') ?? '')
    back.search = new URLSearchParams({
      code: `code-${server.requests.length}`,
      state: searchParams.get('state') ?? '',
      iss: issuer,
    }).toString()
    return Response.redirect(back, 302)
  }
  server.script[ME] = () => Response.json({ name: 'Ada' })
  const file = join(folder, 'workflow.yml')
  writeFileSync(file, JSON.stringify(workflow(folder, issuer)))
  const { config } = await loadConfig({ file, schema: serverSchema(), environment: {} })
  const lines: string[] = []
  const running = await serve(config, { log: pinoLog('debug', { write: (line) => void lines.push(line), now: Date.now }) })
  onTestFinished(async () => {
    await running.stop()
    rmSync(folder, { recursive: true, force: true })
    // Whatever went wrong, no code, no token and nothing that the other side said stands in the log.
    expect(lines.length).toBeGreaterThan(2)
    expect(lines.join('')).not.toMatch(/code-\d|issued-|ECONNREFUSED 10|pool\.js|alert\(1\)/)
  })
  const person = await personAt(running.publicOrigin)
  const ask = async (messageId: string): Promise<string> => {
    const from = person.client.frames.length
    person.client.say('Who am I?', messageId)
    return textOf(await person.client.until(isQuestion, from))
  }
  const isHealthy = async (): Promise<boolean> => (await fetch(`${running.publicOrigin}/health`)).ok
  return { person, server, ask, isHealthy, startUrl: await ask('message-1') }
}

async function personAt(origin: string): Promise<Person> {
  const browser = new PlainBrowser()
  await browser.visit(`${origin}/api/me`)
  const client = await openNatClient(origin, browser.cookiesOf(origin))
  let from = 0
  return {
    browser,
    client,
    async reply() {
      await client.until(isComplete, from)
      const text = client.frames
        .slice(from)
        .filter(({ type }) => type === 'system_response_message')
        .map(textOf)
        .join('')
      from = client.frames.findIndex((frame, index) => index >= from && isComplete(frame)) + 1
      return text
    },
  }
}

async function page({ browser }: Person, address: string): Promise<{ readonly status: number; readonly text: string }> {
  const { response } = await browser.visit(address)
  return { status: response.status, text: await response.text() }
}

function textOf({ content }: Frame): string {
  return typeof content?.['text'] === 'string' ? content['text'] : ''
}

function workflow(folder: string, issuer: string): object {
  return {
    general: { front_end: { host: 'localhost', port: 0 } },
    store: { url: `sqlite:${join(folder, 'countersign.db')}` },
    functions: { who_am_i: { _type: 'who_am_i', auth_provider: 'login', api_url: `${issuer}${ME}` } },
    llms: { demo: { _type: 'keyword_router', answers: { who_am_i: 'You are logged in as {name}.' } } },
    authentication: { login: { _type: 'oauth2_auth_code_flow', issuer, client_id: 'client', scopes: ['profile'] } },
    workflow: { _type: 'tool_calling_agent', title: 'Simple auth', tool_names: ['who_am_i'], llm_name: 'demo' },
  }
}
