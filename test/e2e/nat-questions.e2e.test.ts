import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { asking } from './asking.ts'
import { type Frame, type NatClient, isComplete, isQuestion, openNatClient, textOf } from './nat-client.ts'
import { ADA } from './person.ts'
import { PlainBrowser } from './plain-browser.ts'
import { theatre } from './stage.ts'

const openStage = theatre()

interface Asked {
  readonly tool: string
  readonly inputType: string
  readonly wrong: readonly string[]
  readonly right: readonly string[]
  readonly got: string
}

describe('a question of each kind: a wrong answer is refused and leaves it open, a right one reaches the tool as it is', () => {
  test.each<Asked>([
    { tool: 'text', inputType: 'text', wrong: [''], right: ['Ada'], got: '["Ada"]' },
    { tool: 'binary', inputType: 'binary_choice', wrong: ['blue'], right: ['green'], got: '["green"]' },
    { tool: 'radio', inputType: 'radio', wrong: ['yellow'], right: ['red'], got: '["red"]' },
    { tool: 'dropdown', inputType: 'dropdown', wrong: ['red', 'green'], right: ['blue'], got: '["blue"]' },
    { tool: 'checkbox', inputType: 'checkbox', wrong: ['["red","yellow"]'], right: ['["red","blue"]'], got: '[["red","blue"]]' },
    { tool: 'checkbox', inputType: 'checkbox', wrong: ['yellow'], right: ['blue', 'red'], got: '[["blue","red"]]' },
  ])('$tool', async ({ tool, inputType, wrong, right, got }) => {
    const { client } = await openClient()
    client.say(tool)
    const question = await client.until(isQuestion)
    expect(question.content).toMatchObject({ input_type: inputType, timeout: expect.any(Number) })
    client.answer(wrong)
    expect(await client.until(isError)).toMatchObject({
      content: { code: 'invalid_user_message_content', details: expect.stringContaining('the question stays open') },
    })
    client.answer(right, String(question['id']))
    await client.until(isComplete)
    expect(textOf(client)).toBe(`Got ${got}`)
    expect(await recordsOf(client, question)).toEqual(['Waiting for your answer.', expect.stringMatching(/^Answered: /)])
  })

  test('a notification waits for nothing, and an answer to it changes nothing', async () => {
    const { client } = await openClient()
    client.say('notification')
    await client.until(isComplete)
    const note = await client.until(isQuestion)
    expect(note.content).toMatchObject({ input_type: 'notification', text: 'The kitchen has been told.', timeout: null })
    client.answer(['OK'], String(note['id']))
    expect(await client.until(isError)).toMatchObject({ content: { code: 'invalid_message' } })
    expect(textOf(client)).toBe('Got [null]')
  })

  test('a sign-in', async () => {
    const { client, browser } = await openClient()
    client.say('who_am_i')
    const question = await client.until(isQuestion)
    client.answer(['granted'])
    expect(await client.until(isError)).toMatchObject({ content: { details: 'No question is open.' } })
    await browser.signIn(String(question.content?.['text']), ADA)
    await client.until(isComplete)
    expect(textOf(client)).toContain(ADA)
  })

  test('an approval names what is approved', async () => {
    const { client } = await openClient()
    client.say('pay')
    expect((await client.until(isQuestion)).content).toMatchObject({ text: expect.stringContaining('pay {} (high risk)') })
    client.answer(['deny'])
    await client.until(isComplete)
    expect(textOf(client)).toContain('access_denied')
  })
})

describe('several questions at once', () => {
  test('a client that names none is shown one after another, and each of its answers is for the one that it was shown', async () => {
    const { client } = await openClient()
    client.say('text again radio')
    for (const [at, answer] of ['Ada', 'Augusta', 'green'].entries()) {
      await client.until(() => client.frames.filter(isQuestion).length === at + 1)
      client.answer([answer])
    }
    await client.until(isComplete)
    expect(textOf(client)).toBe('Got ["Ada","Augusta","green"]')
  })

  test('a client that names them may answer in any order', async () => {
    const { client } = await openClient()
    client.say('text again')
    const isAsked = ({ content }: Frame): boolean => String(content?.['name']).startsWith('Asked: And')
    client.answer(['Augusta'], String((await client.until(isAsked))['id']))
    client.answer(['Ada'], String((await client.until(isQuestion))['id']))
    await client.until(isComplete)
    expect(textOf(client)).toBe('Got ["Ada","Augusta"]')
    expect(client.frames.filter(isQuestion)).toHaveLength(1)
  })

  test('an answer that names none of them is refused, not guessed', async () => {
    const { client } = await openClient()
    client.say('text')
    const question = await client.until(isQuestion)
    for (const thread of ['i-1', String(question['id']).slice(0, -1), `${String(question['id'])}x`]) {
      const from = client.frames.length
      client.answer(['Ada'], thread)
      expect(await client.until(isError, from)).toMatchObject({ content: { details: 'There is no such question.' } })
    }
    client.answer(['Ada'])
    await client.until(isComplete)
    expect(textOf(client)).toBe('Got ["Ada"]')
  })

  test('two clients race: one answer counts, both are told of it, and the later one hears that it is over', async () => {
    const { client, again } = await openClient()
    client.say('radio')
    const question = await client.until(isQuestion)
    const other = await again()
    await other.until(isQuestion)
    client.answer(['red'], String(question['id']))
    other.answer(['green'], String(question['id']))
    await Promise.all([client.until(isComplete), other.until(isComplete)])
    const [first, second] = [await recordsOf(client, question), await recordsOf(other, question)]
    expect(second.at(-1)).toBe(first.at(-1))
    expect([...client.frames, ...other.frames].filter(isError).map(({ content }) => content?.['details'])).toEqual([
      'The question is over (answered); nothing was changed.',
    ])
    expect(textOf(other)).toBe(textOf(client))
    expect(textOf(client)).toMatch(/^Got \["(?:red|green)"\]$/)
  })
})

describe('the end of a question', () => {
  test('expired, in its own words, to the person and to the tool', async () => {
    const { client } = await openClient()
    client.say('brief')
    const question = await client.until(isQuestion)
    expect(question.content).toMatchObject({ timeout: 1, error: 'The table is gone.' })
    await client.until(isComplete)
    expect(await recordsOf(client, question)).toEqual(['Waiting for your answer.', 'The table is gone.'])
    expect(textOf(client)).toBe('Got [{"error":"expired","message":"The table is gone."}]')
    client.answer(['Ada'], String(question['id']))
    expect(await client.until(isError)).toMatchObject({ content: { details: 'The question is over (expired); nothing was changed.' } })
  })

  test('stopped while two are open: both end, nothing follows, and late answers change nothing', async () => {
    const { client } = await openClient()
    client.say('text radio')
    const question = await client.until(isQuestion)
    client.socket.send(JSON.stringify({ type: 'cancel_message', conversation_id: client.conversationId }))
    await client.until(isComplete)
    const closed = client.frames.filter(({ content }) => content?.['payload'] === 'Withdrawn: you stopped it.')
    expect(closed).toHaveLength(2)
    expect(client.frames.filter(isComplete)).toHaveLength(1)
    expect(client.frames.at(-1)).toMatchObject({ status: 'complete', parent_id: 'message-1' })
    client.answer(['late'], String(question['id']))
    expect(await client.until(isError)).toMatchObject({ content: { details: 'The question is over (cancelled); nothing was changed.' } })
    client.answer(['late'])
    expect(await client.until(({ content }) => content?.['details'] === 'No question is open.')).toBeDefined()
    expect(textOf(client)).toBe('')
  })

  test('stopped while the person is at the provider: the late callback changes nothing', async () => {
    const { stage, client, browser } = await openClient()
    client.say('who_am_i')
    const question = await client.until(isQuestion)
    const { url: asked } = await browser.visit(String(question.content?.['text']))
    const { url: toAllow } = await browser.visit(asked.href, { login: ADA })
    client.socket.send(JSON.stringify({ type: 'cancel_message', conversation_id: client.conversationId }))
    await client.until(isComplete)
    expect((await browser.visit(toAllow.href, { decision: 'allow' })).response.status).toBe(410)
    expect(stage.provider.tokenRequests()).toBe(0)
    // Everything that was on its way has arrived when this has.
    await client.refusalOf('[]')
    expect(client.frames.filter((frame) => isComplete(frame) || frame.content?.['text'] !== undefined)).toHaveLength(2)
  })

  test('replaced by a newer message: the older one completes with the newer one, not before', async () => {
    const { client } = await openClient()
    client.say('text')
    await client.until(isQuestion)
    client.say('again', 'message-2')
    const next = await client.until(
      ({ type, content }) => type === 'system_interaction_message' && content?.['text'] === 'And your second name?',
    )
    expect(client.frames.filter(isComplete)).toEqual([])
    client.answer(['Augusta'], String(next['id']))
    await client.until((frame) => isComplete(frame) && frame['parent_id'] === 'message-2')
    expect(client.frames.filter(isComplete).map((frame) => frame['parent_id'])).toEqual(['message-1', 'message-2'])
    expect(textOf(client)).toBe('Got ["Augusta"]')
  })

  test('the same message sent twice is one run, asked once', async () => {
    const { client } = await openClient()
    client.say('text')
    client.say('text')
    await client.until(isQuestion)
    client.answer(['Ada'])
    await client.until(isComplete)
    expect(textOf(client)).toBe('Got ["Ada"]')
    expect(client.frames.filter((frame) => isQuestion(frame) || isComplete(frame))).toHaveLength(2)
  })

  test('a message without text is refused in a way that ends it', async () => {
    const { client } = await openClient()
    client.say('  ')
    await client.until(isComplete)
    expect(client.frames.map(({ type }) => type)).toEqual(['system_intermediate_message', 'error_message', 'system_response_message'])
  })
})

describe('a client that comes back', () => {
  test('is shown the open question, told what it missed, and asked the next', async () => {
    const { client, again } = await openClient()
    client.say('text again')
    const question = await client.until(isQuestion)
    client.socket.close()
    const other = await again()
    other.answer(['Ada'], String((await other.until(isQuestion))['id']))
    const next = await other.until((frame) => isQuestion(frame) && frame['id'] !== question['id'])
    other.socket.close()
    const last = await again()
    expect(await last.until(isQuestion)).toMatchObject({ id: next['id'], parent_id: 'message-1' })
    last.answer(['Augusta'])
    await last.until(isComplete)
    expect(textOf(last)).toBe('Got ["Ada","Augusta"]')
  })

  test('hears the answer that came while it was away', async () => {
    const { client, again } = await openClient()
    client.say('brief')
    await client.until(isQuestion)
    const other = await again()
    client.socket.close()
    await once(client.socket, 'close')
    await other.until(isComplete)
    const back = await again()
    await back.until(isComplete)
    expect(textOf(back)).toBe(textOf(other))
    expect(textOf(back)).toContain('The table is gone.')
    expect(back.frames.filter(isQuestion)).toEqual([])
  })
})

async function openClient() {
  const stage = await openStage(asking)
  await stage.serve()
  const browser = new PlainBrowser()
  await browser.visit(`${stage.origin}/api/me`)
  const again = (conversationId?: string): Promise<NatClient> =>
    openNatClient(stage.origin, browser.cookiesOf(stage.origin), conversationId)
  return { stage, browser, client: await again(), again }
}

function isError({ type }: Frame): boolean {
  return type === 'error_message'
}

/** What the question's own step said, in order. */
async function recordsOf(client: NatClient, question: Frame): Promise<readonly unknown[]> {
  const isStep = ({ type, id }: Frame): boolean => type === 'system_intermediate_message' && id === question['id']
  await client.until(isStep)
  return client.frames.filter(isStep).map(({ content }) => content?.['payload'])
}
