import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@countersign/core'
import { type HostileServer, metadata, paths } from '@countersign/core/testing'
import { loadConfig, serve, serverSchema } from '@countersign/server'
import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../../tools/free-port.mjs'
import { isQuestion, openNatClient } from '../e2e/nat-client.ts'
import { PlainBrowser } from '../e2e/plain-browser.ts'
import { signInRows } from '../e2e/rows.ts'
import { openPort } from '../faults/open-port.ts'

/** Two authorization servers of one workflow: `hostile` leads people to `honest`, to get at the code that `honest` gives them. */
const crossings = {
  'both name themselves': { hostile: true, honest: true, own: false },
  'the hostile one does not name itself': { hostile: false, honest: true, own: false },
  'neither names itself, and each has a callback of its own': { hostile: false, honest: false, own: true },
} as const

test.each(Object.entries(crossings))(
  "an authorization server that leads people on to another: %s, and the other's code never reaches it",
  async (_name, { hostile: hostileNames, honest: honestNames, own }) => {
    const stage = await openStage({ names: { hostile: hostileNames, honest: honestNames }, own })
    const { hostile, honest, person, startOf } = stage
    // The attack: what the hostile server is asked, it asks the honest one, as the same client, and with the honest one's callback if it has another.
    hostile.script['/authorize'] = (_form, request) => {
      const asked = new URL(request.url)
      const on = new URL(`${honest.issuer}/authorize`)
      on.search = asked.search
      on.searchParams.set('redirect_uri', stage.callbackOf('honest'))
      return Response.redirect(on, 302)
    }
    const { response } = await person.visit(await startOf('hostile'))
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('This is not the answer we asked for')])
    expect([hostile.count(paths.token), honest.count(paths.token)]).toEqual([0, 0])
    const { authorizations, credentials } = await signInRows(stage.store)
    expect([authorizations.map(({ provider, state }) => `${provider} ${state}`), credentials]).toEqual([['hostile waiting'], []])
  },
)

test.each([false, true])('two authorization servers that behave: each code goes to its own server (own callbacks: %s)', async (own) => {
  const { hostile, honest, person, startOf, store } = await openStage({ names: { hostile: true, honest: true }, own })
  for (const provider of ['hostile', 'honest'] as const) {
    const { response } = await person.visit(await startOf(provider))
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('You are signed in')])
  }
  expect([hostile, honest].map(({ requests }) => requests.flatMap(({ form }) => form.getAll('code')))).toEqual([
    ['code-of-hostile'],
    ['code-of-honest'],
  ])
  const { authorizations } = await signInRows(store)
  expect(authorizations.map(({ provider, state }) => `${provider} ${state}`)).toEqual(['hostile granted', 'honest granted'])
})

interface StageOptions {
  /** Which of them say who they are in their answers (RFC 9207). */
  readonly names: Readonly<Record<Party, boolean>>
  /** Whether each has a callback of its own. */
  readonly own: boolean
}

type Party = 'hostile' | 'honest'

/** A server with both of them, and a person who may ask for either. Ends with the test. */
async function openStage({ names, own }: StageOptions) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign attacks '))
  const port = await freePort()
  const origin = `http://localhost:${port}`
  const parties = { hostile: (await openPort()).server, honest: (await openPort()).server }
  const callbackOf = (party: Party): string => `${origin}/auth/redirect${own ? `/${party}` : ''}`
  for (const [name, server] of Object.entries(parties)) behave(server, { name, isNamed: names[name as Party] })
  const file = join(folder, 'workflow.yml')
  writeFileSync(file, JSON.stringify(workflow({ folder, port, parties, callbackOf })))
  const { config } = await loadConfig({ file, schema: serverSchema(), environment: {} })
  const running = await serve(config, { log: silentLog })
  onTestFinished(async () => {
    await running.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const person = new PlainBrowser()
  await person.visit(`${origin}/api/me`)
  const startOf = async (party: Party): Promise<string> => {
    const client = await openNatClient(origin, person.cookiesOf(origin), `conversation-${party}`)
    client.say(party === 'hostile' ? 'Ask the weather station.' : 'Ask the calendar.')
    return String((await client.until(isQuestion)).content?.['text'])
  }
  return { ...parties, person, startOf, callbackOf, store: running.store }
}

/** An authorization server that lets everybody in at once. */
function behave(server: HostileServer, { name, isNamed }: { name: string; isNamed: boolean }): void {
  const { issuer } = server
  server.script[paths.oidc] = () => Response.json(metadata(issuer, { authorization_response_iss_parameter_supported: isNamed }))
  server.script['/api/me'] = () => Response.json({ name })
  server.script['/authorize'] = (_form, request) => {
    const { searchParams } = new URL(request.url)
    const back = new URL(searchParams.get('redirect_uri') ?? '')
    const answer = { code: `code-of-${name}`, state: searchParams.get('state') ?? '', ...(isNamed && { iss: issuer }) }
    back.search = new URLSearchParams(answer).toString()
    return Response.redirect(back, 302)
  }
}

interface Places {
  readonly folder: string
  readonly port: number
  readonly parties: Readonly<Record<Party, HostileServer>>
  readonly callbackOf: (party: Party) => string
}

function workflow({ folder, port, parties, callbackOf }: Places): object {
  const entries = (make: (party: Party) => object): object =>
    Object.fromEntries((['hostile', 'honest'] as const).map((party) => [party, make(party)]))
  const words = { hostile: 'Asks the weather station.', honest: 'Asks the calendar.' }
  return {
    general: { front_end: { host: 'localhost', port } },
    store: { url: `sqlite:${join(folder, 'countersign.db')}` },
    functions: {
      weather_station: {
        _type: 'who_am_i',
        auth_provider: 'hostile',
        api_url: `${parties.hostile.issuer}/api/me`,
        description: words.hostile,
      },
      calendar: { _type: 'who_am_i', auth_provider: 'honest', api_url: `${parties.honest.issuer}/api/me`, description: words.honest },
    },
    llms: { demo: { _type: 'keyword_router' } },
    authentication: entries((party) => ({
      _type: 'oauth2_auth_code_flow',
      issuer: parties[party].issuer,
      client_id: 'client',
      scopes: ['profile'],
      redirect_uri: callbackOf(party),
    })),
    workflow: { _type: 'tool_calling_agent', tool_names: ['weather_station', 'calendar'], llm_name: 'demo' },
  }
}
