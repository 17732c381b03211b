import { EventEmitter, once } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import { clientCredentialsFlow, tokenBearer } from '../../examples/headless_hr/src/agent-token.ts'
import { CLIENTS, RESOURCES } from '../../examples/headless_hr/src/registrations.ts'
import { QUESTION } from '../../examples/headless_hr/src/question.ts'
import { signInRows } from '../e2e/rows.ts'
import { openStory, QUESTIONER } from './hr-story.ts'

const THROUGH_THE_PHONE = ['working', 'auth-required', 'working', 'completed']

// Each starts three servers, and the agent asks once a second whether somebody decided.
vi.setConfig({ testTimeout: 30_000 })

test('approved on the phone: John Doe is an active employee', async () => {
  const { ask, approve, states, rings } = await openStory()
  const [outcome] = await Promise.all([ask(QUESTION), approve('jdoe@staff0.com')])
  expect(outcome).toMatchObject({ state: 'completed', text: 'Yes, John Doe is an active employee.' })
  expect(states).toEqual(THROUGH_THE_PHONE)
  expect(rings()).toBe(1)
})

test.each([
  ['who is on no payroll', 'Richard Miles', 'rmiles@staff0.com'],
  ['who has left', 'Jane Roe', 'jroe@staff0.com'],
])('somebody %s is not an active employee, and that, too, is said only with their approval', async (_, name, email) => {
  const { ask, approve, states } = await openStory()
  const question = `Does ${name} with email ${email} work at Staff0?`
  const [outcome] = await Promise.all([ask(question), approve(email)])
  expect(outcome).toMatchObject({ state: 'completed', text: `No, ${name} is not an active employee.` })
  expect(states).toEqual(THROUGH_THE_PHONE)
})

test('of somebody unknown it is said politely that there is no such person, and nobody is rung', async () => {
  const { ask, states, rings } = await openStory()
  const outcome = await ask('Does Jack Poe with email jpoe@staff0.com work at Staff0?')
  expect(outcome).toMatchObject({ state: 'completed', text: 'There is no such person at Staff0.' })
  expect(states).toEqual(['working', 'completed'])
  expect(rings()).toBe(0)
})

test('asked twice while the phone rings: it rings once, and both get the answer', async () => {
  const { ask, approve, rings, store } = await openStory()
  const asked = Promise.all([ask(QUESTION), ask(QUESTION)])
  const waiting = async (): Promise<number> => (await signInRows(store)).runs.filter(({ state }) => state === 'waiting').length
  await expect.poll(waiting, { timeout: 10_000 }).toBe(2)
  await approve('jdoe@staff0.com')
  expect((await asked).map(({ text }) => text)).toEqual(Array(2).fill('Yes, John Doe is an active employee.'))
  expect(rings()).toBe(1)
})

test('denied on the phone: the task is rejected, and says nothing of the employment', async () => {
  const { ask, deny } = await openStory()
  const [outcome] = await Promise.all([ask(QUESTION), deny('jdoe@staff0.com')])
  expect(outcome).toMatchObject({ state: 'rejected', code: 'access_denied' })
  expect(outcome.text).not.toMatch(/active employee/)
})

test('nobody answers: the task fails when the request expires', async () => {
  const { ask } = await openStory({ overrides: { 'authentication.employee_phone.requested_expiry_seconds': '1' } })
  const outcome = await ask(QUESTION)
  expect(outcome).toMatchObject({ state: 'failed', code: 'expired' })
  expect(outcome.text).not.toMatch(/active employee/)
})

test('a token for something else opens nothing: 401 at the agent, and the agent’s at the HR API', async () => {
  const { connect, staff0 } = await openStory()
  const lookup = { clientId: CLIENTS.lookup.clientId, clientSecret: CLIENTS.lookup.clientSecret, resource: RESOURCES.directory.id }
  const { card, client } = await connect(lookup)
  await expect(client.getTask({ tenant: '', id: 'any' })).rejects.toMatchObject({
    status: 401,
    challenge: expect.stringContaining('error="invalid_token"'),
  })
  const headers = await tokenBearer(clientCredentialsFlow(card), { ...QUESTIONER, issuer: staff0.provider.issuer }).headers()
  const response = await fetch(`${staff0.hrApiUrl}/employees/e-1001`, { headers })
  expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
})

test('a card that names another authorization server gets no secret', async () => {
  const { connect, staff0 } = await openStory()
  const { card } = await connect()
  const elsewhere = { ...QUESTIONER, issuer: 'https://login.example.com' }
  await expect(tokenBearer(clientCredentialsFlow(card), elsewhere).headers()).rejects.toThrow(`our secret is for ${elsewhere.issuer}`)
  expect(staff0.provider.issuer).not.toBe(elsewhere.issuer)
})

test('a token without a scope that the agent wants: 403, and the scope is named', async () => {
  const overrides = { 'general.front_end.a2a.server_auth.scopes': 'read:employee_status,read:payroll' }
  const { ask } = await openStory({ overrides })
  await expect(ask(QUESTION)).rejects.toMatchObject({
    status: 403,
    challenge: expect.stringMatching(/error="insufficient_scope".*scope="[^"]*read:payroll/),
  })
})

test('the client’s token expires while the phone rings: 401, a new one, and the task goes on', async () => {
  // Only the clock that everybody reads is moved; what waits goes on waiting in real time.
  vi.useFakeTimers({ toFake: ['Date'], shouldAdvanceTime: true })
  onTestFinished(() => void vi.useRealTimers())
  const grants = new EventEmitter()
  let count = 0
  const { ask, approve, states } = await openStory({
    provider: {
      resources: [{ ...RESOURCES.agent, accessTokenTtlSeconds: 3 }, RESOURCES.directory, RESOURCES.hrApi],
      observe({ grantType }) {
        if (grantType !== 'client_credentials') return
        count += 1
        // The client's first, the agent's for the directory, and then the client's second: it asks for one only after a 401.
        if (count === 3) grants.emit('renewed')
      },
    },
  })
  const renewed = once(grants, 'renewed')
  const asking = ask(QUESTION, (state) => {
    // Longer than clocks may differ, shorter than the phone rings.
    if (state === 'auth-required') vi.setSystemTime(Date.now() + 60_000)
  })
  await renewed
  await approve('jdoe@staff0.com')
  expect(await asking).toMatchObject({ state: 'completed', text: 'Yes, John Doe is an active employee.' })
  expect(states).toEqual(THROUGH_THE_PHONE)
})

test('the client cancels while the phone rings: the task is canceled, and a late approval tells nobody anything', async () => {
  const { ask, approve, connect } = await openStory()
  const { client } = await connect()
  const outcome = await ask(QUESTION, (state, id) => {
    if (state === 'auth-required') void client.cancelTask({ tenant: '', id, metadata: undefined })
  })
  expect(outcome.state).toBe('canceled')
  await approve('jdoe@staff0.com')
  const task = await client.getTask({ tenant: '', id: outcome.taskId })
  expect(task.artifacts).toEqual([])
})
