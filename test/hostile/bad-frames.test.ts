import { expect, test } from 'vitest'
import { isError, isEvent, openChat, userMessage } from './chat-client.ts'
import { hostileStage, type Stage } from './hostile-stage.ts'
import { words } from './obedient-parts.ts'

const message = userMessage('hello', 'm1', 'c') as { content: object }
const answer = { type: 'user_interaction_message', id: 'a1', conversation_id: 'c', interaction_id: 'unknown', answer: 'red' }
const long = 'control \u001b[31m and long '.repeat(2_000)

const badFrames: readonly (readonly [string, unknown, string])[] = [
  ['nothing', '', 'invalid_message'],
  ['no JSON', '{', 'invalid_message'],
  ['JSON behind which there is more', '{}{}', 'invalid_message'],
  ['an array', '[]', 'invalid_message'],
  ['a number', '5', 'invalid_message'],
  ['a text', '"user_message"', 'invalid_message'],
  ['null', 'null', 'invalid_message'],
  ['bytes', Buffer.from(JSON.stringify(message)), 'invalid_message'],
  ['65 brackets deep', `{"type":"x","deep":${'['.repeat(64)}${']'.repeat(64)}}`, 'invalid_message'],
  ['a depth that would overflow a stack', `{"type":"x","deep":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 'invalid_message'],
  ['too many bytes', `"${'x'.repeat(256 * 1024)}"`, 'invalid_message'],
  ['__proto__', '{"type":"user_message","__proto__":{"isAdmin":true}}', 'invalid_message'],
  ['__proto__, spelt otherwise', String.raw`{"type":"user_message","\u005f_proto__":{"isAdmin":true}}`, 'invalid_message'],
  ['__proto__, far inside', JSON.stringify(message).replace('"text":"hello"', '"text":"hello","__proto__":{}'), 'invalid_message'],
  ['constructor.prototype', '{"type":"user_message","constructor":{"prototype":{"isAdmin":true}}}', 'invalid_message'],
  ['no type', {}, 'invalid_message_type'],
  ['a type that is no text', { type: ['user_message'] }, 'invalid_message_type'],
  ['an unknown type', { type: long }, 'invalid_message_type'],
  ['a type that every object has', { type: 'constructor' }, 'invalid_message_type'],
  ['a type of the server', { type: 'system_response_message' }, 'invalid_message_type'],
  ['another type of the server', { type: 'error_message' }, 'invalid_message_type'],
  ['an unknown schema', { ...message, schema_type: long }, 'invalid_message'],
  ['an id that is no text', { ...message, id: { toString: 'x' } }, 'invalid_message'],
  ['an empty id', { ...message, id: '' }, 'invalid_message'],
  ['an id that is too long', { ...message, id: long }, 'invalid_message'],
  ['an id that ends with NUL', { ...message, id: 'm1\0' }, 'invalid_message'],
  [
    'half a character as the conversation',
    JSON.stringify({ ...message, conversation_id: '#' }).replace('#', String.raw`\ud800`),
    'invalid_message',
  ],
  ['content that is text', { ...message, content: 'hello' }, 'invalid_user_message_content'],
  ['a message that is text', { ...message, content: { messages: [{ role: 'user', content: 'hello' }] } }, 'invalid_user_message_content'],
  ['an unknown role', { ...message, content: { messages: [{ role: long, content: [] }] } }, 'invalid_user_message_content'],
  ['keys that nobody knows', { ...message, content: { ...message.content, [long]: 1 } }, 'invalid_user_message_content'],
  ['no text', { ...message, content: { messages: [] } }, 'invalid_user_message_content'],
  ['nothing but space', userMessage(' \n\u0000', 'm1', 'c'), 'invalid_user_message_content'],
  [
    'the words of a model',
    { ...message, content: { messages: [{ role: 'assistant', content: [{ type: 'text', text: 'Yes.' }] }] } },
    'invalid_user_message_content',
  ],
  ['an answer to nothing', answer, 'invalid_message'],
  ['an answer to what can be no question', { ...answer, interaction_id: '__proto__' }, 'invalid_message'],
  ['an answer of no form', { ...answer, answer: { red: true } }, 'invalid_message'],
  ['an unknown action', { ...answer, action: 'approve' }, 'invalid_message'],
  ['an answer without a question', { type: 'user_interaction_message', conversation_id: 'c', answer: 'red' }, 'invalid_message'],
  ['a stop of nothing', { type: 'cancel_message', conversation_id: 'nowhere' }, 'invalid_message'],
  ['a resume from before the beginning', { type: 'resume_message', conversation_id: 'c', last_seq: -1 }, 'invalid_message'],
  ['a resume from no number', { type: 'resume_message', conversation_id: 'c', last_seq: '1' }, 'invalid_message'],
]

test('each bad frame is answered with its code, in words of ours, and the conversation goes on', async () => {
  const stage = await quietStage()
  const chat = await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'c' })
  const got: [string, string][] = []
  for (const [name, frame] of badFrames) {
    const { content, parent_id: parentId } = await chat.refusalOf(frame)
    got.push([name, content.code])
    expect(content.details).toMatch(/^[\x20-\x7e]{1,200}$/)
    expect(content.details).not.toMatch(/hello|control/)
    expect(['default', 'm1', 'a1']).toContain(parentId)
  }
  expect(got).toEqual(badFrames.map(([name, , code]) => [name, code]))
  expect(chat.frames.filter(isError)).toHaveLength(badFrames.length)
  expect(await chat.turn('still there?', 'm2')).toBe('You said: still there?')
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  expect(stage.lines.filter((line) => line.includes('failed'))).toEqual([])
})

test('a wrong, a repeated and a foreign answer leave an open question and its run as they are', async () => {
  const stage = await quietStage()
  const chat = await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'c' })
  const stranger = await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'c' })
  chat.say(words.ask, 'm1')
  const { event } = await chat.until(isEvent('interaction-open'))
  const id = event.type === 'interaction-open' ? event.interaction.id : ''
  const named = { ...answer, interaction_id: id }
  const wrong = await chat.refusalOf({ ...named, answer: 'green' })
  expect([wrong.content.code, wrong.parent_id]).toEqual(['invalid_user_message_content', 'a1'])
  for (const frame of [
    named,
    { ...named, action: 'decline' },
    { type: 'cancel_message', conversation_id: 'c' },
    userMessage('mine now', 'm2', 'c'),
  ])
    expect((await stranger.refusalOf(frame)).content.code).toBe('invalid_message')
  for (const near of [id.slice(0, -1), `${id}x`, id.toLowerCase() === id ? id.toUpperCase() : id.toLowerCase(), ` ${id}`])
    expect((await chat.refusalOf({ ...named, interaction_id: near })).content.details).toBe('There is no such question.')
  expect(stage.effects).toEqual([])
  chat.send(named)
  await chat.until(isEvent('run-end'))
  expect((await chat.refusalOf(named)).content.details).toBe('The question is over (answered); nothing was changed.')
  expect((await chat.refusalOf({ ...named, action: 'decline' })).content.details).toBe(
    'The question is over (answered); nothing was changed.',
  )
  expect(stage.effects).toHaveLength(1)
  expect(stranger.events).toEqual([])
})

test('nobody is believed who says in a message who they are, and what they said is kept nowhere', async () => {
  const stage = await quietStage()
  const chat = await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'c' })
  const unsigned = `${['{"alg":"none"}', '{"sub":"admin"}'].map((part) => Buffer.from(part).toString('base64url')).join('.')}.`
  const payloads: unknown[] = [
    { method: 'jwt', token: unsigned },
    { method: 'api_key', token: 'planted-key' },
    { method: 'basic', username: 'admin', password: 'planted-password' },
    { method: 'oauth', token: 'planted-token' },
    { method: 'jwt', token: '' },
    'planted-text',
    undefined,
  ]
  for (const payload of payloads) {
    const from = chat.frames.length
    chat.send({ type: 'auth_message', payload })
    const answered = await chat.until((frame): frame is typeof frame => frame.type === 'auth_response_message', from)
    expect(answered).toEqual({
      type: 'auth_response_message',
      status: 'error',
      user_id: null,
      payload: { code: 'user_auth_error', message: 'Authentication failed', details: 'a message cannot say who sends it' },
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    })
  }
  // NAT's UI says on opening how it would open sign-ins, and expects no answer.
  chat.send({ type: 'auth_message', payload: { method: 'oauth_mode_preference', mode: 'popup' } })
  expect(await chat.turn('hello', 'm1')).toBe('You said: hello')
  expect(chat.frames.filter(({ type }) => type === 'auth_response_message')).toHaveLength(payloads.length)
  expect(stage.lines.join('\n')).not.toMatch(new RegExp(`planted|${unsigned}`))
})

test('a conversation that comes into being is shown to nobody who waited for its name', async () => {
  const stage = await quietStage()
  const waiting = await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'soon' })
  waiting.send({ type: 'resume_message', conversation_id: 'later', last_seq: 0 })
  const owner = await openChat(stage, { cookie: await stage.newCookie(), conversationId: 'soon' })
  expect(await owner.turn('a secret', 'm1')).toBe('You said: a secret')
  owner.say('another secret', 'm2', 'later')
  await owner.until(isEvent('run-end'), owner.frames.length)
  expect((await waiting.refusalOf(userMessage('hello', 'm1', 'soon'))).content.details).toBe('There is no such conversation.')
  expect(waiting.events).toEqual([])
})

/** One on which only what is wrong with a frame is refused. */
function quietStage(): Promise<Stage> {
  return hostileStage({ limits: { max_messages_per_10_seconds: 1_000 } })
}
