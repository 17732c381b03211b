import { describe, expect, test } from 'vitest'
import { asking } from './asking.ts'
import { connectNatClient, isComplete, isQuestion, type NatClient, openNatClient, textOf } from './nat-client.ts'
import { ADA, QUESTION } from './person.ts'
import { PlainBrowser } from './plain-browser.ts'
import { theatre } from './stage.ts'

const openStage = theatre()

test("NAT's frames, in NAT's order: question, steps, deltas with the name, and exactly one complete", async () => {
  const { stage, browser, client } = await openClient()
  client.say(QUESTION)
  const question = await client.until(isQuestion)
  expect(question).toMatchObject({
    status: 'in_progress',
    conversation_id: 'conversation-1',
    parent_id: 'message-1',
    thread_id: question['id'],
  })
  expect(question.content).toMatchObject({ input_type: 'oauth_consent', timeout: expect.any(Number), error: expect.any(String) })
  const startUrl = String(question.content?.['text'])
  expect(startUrl).toBe(`${stage.origin}/auth/start/${String(question['id'])}`)
  expect(await browser.signIn(startUrl, ADA)).toMatchObject({ status: 200, text: expect.stringContaining('You are signed in') })
  await client.until(isComplete)
  expect(textOf(client)).toContain(ADA)
  expect(kinds(client)).toEqual([
    'system_intermediate_message in_progress',
    'system_interaction_message in_progress',
    'system_intermediate_message in_progress',
    'system_response_message in_progress',
    'system_response_message complete',
  ])
  expect(new Set(client.frames.map((frame) => frame['conversation_id']))).toEqual(new Set(['conversation-1']))
  const steps = client.frames.filter(({ type }) => type === 'system_intermediate_message')
  const ofCall = steps.filter((step) => step['parent_id'] === 'root')
  const ofQuestion = steps.filter((step) => step['id'] === question['id'])
  expect(new Set(ofCall.map((step) => step['id'])).size).toBe(1)
  expect(ofQuestion.map((step) => step['parent_id'])).toEqual([ofCall[0]?.['id'], ofCall[0]?.['id']])
  expect(ofQuestion.map(({ content }) => content?.['payload'])).toEqual([
    expect.stringContaining(`[open the sign-in page](${startUrl})`),
    `Signed in at ${new URL(stage.provider.issuer).host}.`,
  ])
  client.say(QUESTION, 'message-2')
  await client.until((frame) => isComplete(frame) && frame['parent_id'] === 'message-2')
  expect(client.frames.filter(isQuestion)).toHaveLength(1)
  expect(client.frames.filter(isComplete).map((frame) => frame['parent_id'])).toEqual(['message-1', 'message-2'])
})

test.each(['generate', 'chat'])('asked for the whole answer (%s), it comes in one piece', async (schemaType) => {
  const { browser, client } = await openClient()
  client.say(QUESTION, 'message-1', schemaType)
  await browser.signIn(String((await client.until(isQuestion)).content?.['text']), ADA)
  await client.until(isComplete)
  expect(client.frames.filter(({ type, status }) => type === 'system_response_message' && status === 'in_progress')).toHaveLength(1)
  expect(textOf(client)).toContain(ADA)
})

test('a client that comes back sees its open question again, with the time that is left, and then the answer', async () => {
  const { stage, browser, client } = await openClient()
  client.say(QUESTION)
  const question = await client.until(isQuestion)
  client.socket.close()
  const again = await openNatClient(stage.origin, browser.cookiesOf(stage.origin))
  expect(await again.until(isQuestion)).toMatchObject({ id: question['id'], thread_id: question['id'], parent_id: 'message-1' })
  await browser.signIn(String(question.content?.['text']), ADA)
  await again.until(isComplete)
  expect(textOf(again)).toContain(ADA)
  expect(again.frames.filter(isComplete)).toHaveLength(1)
})

test('another session that knows the conversation: no question, no start, no stop, and the run is unharmed', async () => {
  const { stage, browser, client } = await openClient()
  client.say(QUESTION)
  const question = await client.until(isQuestion)
  const mallory = new PlainBrowser()
  await mallory.visit(`${stage.origin}/api/me`)
  const stranger = await openNatClient(stage.origin, mallory.cookiesOf(stage.origin))
  const answer = {
    type: 'user_interaction_message',
    id: 'a',
    conversation_id: 'conversation-1',
    thread_id: question['id'],
    action: 'cancel',
  }
  expect(await stranger.refusalOf(JSON.stringify(answer))).toMatchObject({ content: { details: 'There is no such question.' } })
  const stop = { type: 'cancel_message', conversation_id: 'conversation-1' }
  expect(await stranger.refusalOf(JSON.stringify(stop))).toMatchObject({ content: { details: 'There is nothing to stop.' } })
  const from = stranger.frames.length
  stranger.say('Stop.')
  expect(await stranger.until(({ type }) => type === 'error_message', from)).toMatchObject({
    content: { details: 'There is no such conversation.' },
  })
  expect((await mallory.visit(String(question.content?.['text']))).response.status).toBe(403)
  await stranger.until(isComplete)
  await browser.signIn(String(question.content?.['text']), ADA)
  await client.until(isComplete)
  expect(textOf(client)).toContain(ADA)
  // What was on its way to the stranger has arrived when this has.
  await stranger.refusalOf('[]')
  const told = stranger.frames.filter(({ type }) => type !== 'error_message').map(({ content }) => content)
  expect(told).toEqual([{ name: 'Not accepted', payload: 'There is no such conversation.' }, { text: null }])
})

const badFrames: Readonly<Record<string, readonly [string, string | Buffer]>> = {
  'no JSON': ['invalid_message', '{"type":'],
  'an empty frame': ['invalid_message', ''],
  'a list': ['invalid_message', '[]'],
  'an unknown type': ['invalid_message_type', '{"type":"launch_message"}'],
  'a type that every object has': ['invalid_message_type', '{"type":"constructor"}'],
  'a wrong shape': ['invalid_user_message_content', '{"type":"user_message","schema_type":"chat","content":{"messages":"hello"}}'],
  'no content': ['invalid_user_message_content', '{"type":"user_message","schema_type":"chat"}'],
  'a prototype': ['invalid_message', '{"type":"cancel_message","conversation_id":"a","__proto__":{"isAdmin":true}}'],
  'binary data': ['invalid_message', Buffer.from('{"type":"cancel_message"}')],
  'more than 256 KiB': ['invalid_message', JSON.stringify({ type: 'user_message', text: 'x'.repeat(256 * 1024) })],
  'JSON 65 deep': ['invalid_message', '['.repeat(65) + ']'.repeat(65)],
  'JSON 100,000 deep': ['invalid_message', '['.repeat(100_000)],
}

test('bad frames get an error each, and the socket stays as good as before', async () => {
  const { browser, client } = await openClient()
  client.say(QUESTION)
  const question = await client.until(isQuestion)
  for (const [name, [code, data]] of Object.entries(badFrames)) {
    const refusal = await client.refusalOf(data)
    expect({ name, code: refusal.content?.['code'], status: refusal.status }).toEqual({ name, code, status: 'in_progress' })
    expect(JSON.stringify(refusal).length).toBeLessThan(1_000)
  }
  await browser.signIn(String(question.content?.['text']), ADA)
  await client.until(isComplete)
  expect(textOf(client)).toContain(ADA)
  expect(client.frames.filter(isComplete)).toHaveLength(1)
})

describe("NAT's own UI, which is dead with checkboxes and drop-downs", () => {
  const ui = 'http://localhost:3000'
  const natUi = { frontEnd: { nat_session: true, cors: { allow_origins: [ui] } } }

  test('gets a text in place of checkboxes, answers it in words, and is asked again when it was none of them', async () => {
    const client = await openUi()
    client.say('checkbox')
    expect((await client.until(isQuestion)).content).toMatchObject({
      input_type: 'text',
      text: 'Which colours? Answer with any of these, separated by commas: Red, Green, Blue, dark.',
      required: false,
    })
    client.answer(['red, yellow'])
    await client.until(() => client.frames.filter(isQuestion).length === 2)
    client.answer(['blue, DARK, red'])
    await client.until(isComplete)
    expect(textOf(client)).toBe('Got [["blue","red"]]')
  })

  test('gets a list in place of a drop-down', async () => {
    const client = await openUi()
    client.say('dropdown')
    expect((await client.until(isQuestion)).content).toMatchObject({ input_type: 'radio' })
    client.answer(['green'])
    await client.until(isComplete)
    expect(textOf(client)).toBe('Got ["green"]')
  })

  test('gets them all the same when it says that it can show them', async () => {
    const client = await openUi('&input_types=checkbox,dropdown')
    client.say('checkbox dropdown')
    expect((await client.until(isQuestion)).content).toMatchObject({ input_type: 'checkbox' })
  })

  async function openUi(query = ''): Promise<NatClient> {
    const stage = await openStage({ ...asking, ...natUi })
    await stage.serve()
    const address = `${stage.origin}/websocket?session=browser-1&conversation_id=c1${query}`
    return connectNatClient(address, { origin: ui }, 'c1')
  }
})

async function openClient() {
  const stage = await openStage()
  await stage.serve()
  const browser = new PlainBrowser()
  await browser.visit(`${stage.origin}/api/me`)
  return { stage, browser, client: await openNatClient(stage.origin, browser.cookiesOf(stage.origin)) }
}

/** Types and states in order, repetitions left out. */
function kinds({ frames }: Awaited<ReturnType<typeof openNatClient>>): readonly string[] {
  return frames.map(({ type, status = '' }) => `${type} ${status}`).filter((kind, index, all) => kind !== all[index - 1])
}
