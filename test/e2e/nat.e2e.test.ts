import { expect, test } from 'vitest'
import { isComplete, isQuestion, openNatClient } from './nat-client.ts'
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
  expect(new Set(steps.map((step) => step['id'])).size).toBe(1)
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
  expect(stranger.frames.every(({ type }) => type === 'error_message')).toBe(true)
  await browser.signIn(String(question.content?.['text']), ADA)
  await client.until(isComplete)
  expect(textOf(client)).toContain(ADA)
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

async function openClient() {
  const stage = await openStage()
  await stage.serve()
  const browser = new PlainBrowser()
  await browser.visit(`${stage.origin}/api/me`)
  return { stage, browser, client: await openNatClient(stage.origin, browser.cookiesOf(stage.origin)) }
}

/** All text of the answer, as NAT's client would put it together. */
function textOf({ frames }: Awaited<ReturnType<typeof openNatClient>>): string {
  const texts = frames.flatMap(({ type, content }) => (type === 'system_response_message' ? [content?.['text']] : []))
  return texts.filter((text) => typeof text === 'string').join('')
}

/** Types and states in order, repetitions left out. */
function kinds({ frames }: Awaited<ReturnType<typeof openNatClient>>): readonly string[] {
  return frames.map(({ type, status = '' }) => `${type} ${status}`).filter((kind, index, all) => kind !== all[index - 1])
}
