import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { runEnded, sayAs } from '../testing/phone-world.ts'
import { scriptedModel } from '../testing/scripted-model.ts'
import { scriptedPhone } from '../testing/scripted-phone.ts'
import { virtualRuntime } from '../testing/virtual-runtime.ts'
import { createWorld } from '../testing/world.ts'
import { defineTool } from '../tool/tool.ts'
import { hostileServer, paths } from './hostile-server.ts'
import { providerChain } from './provider-chain.ts'
import { tokenExchange } from './token-exchange.ts'

const issuer = 'https://login.example'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

// What is imported when first needed takes real time, in which no virtual time should pass.
beforeAll(() => import('./token-exchange-steps.ts'))

test('each person is asked on their phone, and what comes of it opens the API for them alone', async () => {
  const { world, phone, exchanged, opened } = story({ provider: 'exchange', loginHint: 'john', bindingMessage: 'K7-XQ' })
  phone.answer = 'granted'
  for (const person of ['ada', 'grace']) expect(await runEnded(world, await sayAs(world, person, 'Read it.'))).toBe('done')
  expect(phone.rung).toMatchObject([
    { provider: 'phone', loginHint: 'john', bindingMessage: 'K7-XQ' },
    { provider: 'phone', loginHint: 'john', bindingMessage: 'K7-XQ' },
  ])
  expect(exchanged()).toEqual(['token-1', 'token-2'])
  expect(opened).toEqual(['Bearer for-token-1', 'Bearer for-token-2'])
})

test('a no on the phone is the end: nothing is exchanged', async () => {
  const { world, phone, exchanged, opened } = story({ provider: 'exchange', loginHint: 'john' })
  phone.answer = 'access_denied'
  await runEnded(world, await sayAs(world, 'ada', 'Read it.'))
  expect([exchanged(), opened]).toEqual([[], []])
})

test('through a chain, who is there decides who is asked', async () => {
  const { world, phone, opened } = story({ provider: 'chain', loginHint: 'john' })
  phone.answer = 'granted'
  expect(await runEnded(world, await sayAs(world, 'ada', 'Read it.'))).toBe('done')
  expect(opened).toEqual(['Bearer for-token-1'])
})

/** A tool with this requirement, behind a phone and a server that exchanges its tokens. */
function story(auth: AuthRequirement) {
  const server = hostileServer(issuer)
  server.script[paths.token] = (form) => {
    const token = { access_token: `for-${form.get('subject_token')}`, token_type: 'Bearer', expires_in: 60 }
    return Response.json({ ...token, issued_token_type: ACCESS_TOKEN })
  }
  const opened: (string | null)[] = []
  const runtime = virtualRuntime({
    fetch: async (input, init) => {
      const request = new Request(input, init)
      if (new URL(request.url).origin === issuer) return server.answer(request)
      opened.push(request.headers.get('authorization'))
      return new Response('read')
    },
  })
  const phone = scriptedPhone(runtime)
  const exchange = tokenExchange.config.parse({ client_id: 'client', issuer, subject_provider: 'phone' })
  const chain = providerChain.config.parse({ nobody: 'exchange' })
  const providers = new Map([
    ['phone', phone.provider],
    ['exchange', tokenExchange.create(exchange, { name: 'exchange' })],
    ['chain', providerChain.create(chain, { name: 'chain' })],
  ])
  const tool = defineTool({
    name: 'read',
    description: 'Reads.',
    input: z.object({}),
    auth,
    idempotent: true,
    execute: async (_input: unknown, { fetch }) => (await fetch('https://api.example/')).text(),
  })
  const model = scriptedModel((messages) => (messages.at(-1)?.role === 'user' ? [{ call: 'read' }] : ['Done.']))
  const world = createWorld({ model, tools: [tool], providers, runtime })
  const exchanged = () => server.requests.filter(({ path }) => path === paths.token).map(({ form }) => form.get('subject_token'))
  return { world, phone, exchanged, opened }
}
