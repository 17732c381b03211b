import { expect, test } from 'vitest'
import { agentStage } from './agent-stage.ts'
import { AUDIENCE, SCOPE } from './token-issuer.ts'

test('the card says what the agent is, where it is asked, and where its callers get their tokens', async () => {
  const { url, issuer } = await agentStage()
  const response = await fetch(`${url}/.well-known/agent-card.json`)
  expect(await response.json()).toMatchObject({
    name: 'The asked',
    version: '1.0.0',
    capabilities: { streaming: true },
    supportedInterfaces: [{ protocolBinding: 'JSONRPC', protocolVersion: '1.0', url: expect.stringMatching(/:\d+\/a2a$/) }],
    skills: [{ id: 'ask', name: 'The asked', examples: ['pick'] }],
    securitySchemes: {
      oauth2: {
        oauth2SecurityScheme: {
          description: `Access tokens for the audience ${AUDIENCE}`,
          flows: { clientCredentials: { tokenUrl: `${issuer.url}/token`, scopes: { [SCOPE]: `Ask this agent (${SCOPE})` } } },
        },
      },
    },
    securityRequirements: [{ schemes: { oauth2: { list: [SCOPE] } } }],
  })
})

test('the card has what the configuration says of it', async () => {
  const skill = { id: 'status', name: 'Status', description: 'Says it.', tags: ['hr'], examples: ['Is she?'] }
  const { url } = await agentStage({ section: { name: 'HR', description: 'Asks people.', version: '0.1.0', skills: [skill] } })
  const card = await (await fetch(`${url}/.well-known/agent-card.json`)).json()
  expect(card).toMatchObject({ name: 'HR', description: 'Asks people.', version: '0.1.0', skills: [skill] })
})

test('a card that has not changed is not sent again', async () => {
  const { url } = await agentStage()
  const first = await fetch(`${url}/.well-known/agent-card.json`)
  const again = await fetch(`${url}/.well-known/agent-card.json`, { headers: { 'if-none-match': first.headers.get('etag') ?? '' } })
  expect([first.headers.get('cache-control'), again.status]).toEqual(['no-cache', 304])
})

test('the agent alone has no chat', async () => {
  const { url } = await agentStage()
  const origin = url.replace('127.0.0.1', 'localhost')
  const paths = ['/', '/api/me', '/websocket', '/auth/start/x']
  const answers = await Promise.all(paths.map((path) => fetch(`${origin}${path}`)))
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404])
  expect((await fetch(`${origin}/health/ready`)).status).toBe(200)
})
