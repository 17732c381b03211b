import { TaskState } from '@a2a-js/sdk'
import { expect, test } from 'vitest'
import { allOf, factsOf, saidOf, stateIn, stateOf, wordsOf } from './agent-client.ts'
import { agentStage } from './agent-stage.ts'

test('a question is answered by a completed task with the answer as its artifact', async () => {
  const client = await (await agentStage()).client()
  const task = await client.ask('Hello')
  expect([stateOf(task), wordsOf(task)]).toEqual(['completed', 'You said: Hello'])
  expect(task.history.map((message) => wordsOf(message))).toEqual(['Hello'])
  expect(await client.get(task.id)).toEqual(task)
})

test('a stream begins with the task, tells each of its states and the answer, and ends with the last', async () => {
  const client = await (await agentStage()).client()
  const news = await allOf(client.stream('Hello'))
  expect(news.map(({ payload }) => payload?.$case)).toEqual(['task', 'statusUpdate', 'artifactUpdate', 'statusUpdate'])
  expect(news.map(stateIn)).toEqual(['submitted', 'working', undefined, 'completed'])
})

test('a task that rings a phone is handed back at once, and completed when the phone answers', async () => {
  const { world, client: open } = await agentStage()
  const client = await open()
  const task = await client.ask('ring')
  expect([stateOf(task), factsOf(task)['bindingMessage']]).toEqual(['auth-required', 'The HR agent asks'])
  world.phone = 'granted'
  const ended = await client.until(task.id, 'completed')
  expect(wordsOf(ended)).toBe('Done: [{"active":true}]')
  expect(world.effects).toHaveLength(1)
})

test('a stream goes on while somebody is waited for, through every state to the last', async () => {
  const { world, client: open } = await agentStage()
  const client = await open()
  const states: (string | undefined)[] = []
  for await (const news of client.stream('ring')) {
    states.push(stateIn(news))
    if (states.at(-1) === 'auth-required') world.phone = 'granted'
  }
  const changes = states.filter((state, at) => state !== undefined && state !== states[at - 1])
  expect(changes).toEqual(['submitted', 'working', 'auth-required', 'working', 'completed'])
})

test.each([
  ['access_denied', 'rejected', 'The request was denied on the other device.'],
  ['unknown_user_id', 'failed', 'phone.example knows nobody by that name.'],
] as const)('a phone that says %s makes the task %s, by its code and not by what the model says', async (answer, state, sentence) => {
  const { world, client: open } = await agentStage()
  const client = await open()
  const task = await client.ask('ring')
  world.phone = answer
  const ended = await client.until(task.id, state)
  expect([saidOf(ended), ended.status?.message?.metadata, ended.artifacts]).toEqual([sentence, { error: answer }, []])
  expect(world.effects).toEqual([])
})

test('a phone that nobody answers makes the task failed, and says that it expired', async () => {
  const { world, client: open } = await agentStage()
  world.patienceMs = 300
  const client = await open()
  const task = await client.ask('ring')
  const ended = await client.until(task.id, 'failed', 'rejected', 'completed')
  expect([stateOf(ended), ended.status?.message?.metadata]).toEqual(['failed', { error: 'expired' }])
})

test('an ordinary question is answered by the next message of the task', async () => {
  const client = await (await agentStage()).client()
  const task = await client.ask('pick')
  expect([stateOf(task), saidOf(task)]).toEqual(['input-required', 'Which colour?'])
  expect(factsOf(task)['options']).toMatchObject([{ value: 'red' }, { value: 'blue' }])
  const ended = await client.ask('blue', { taskId: task.id })
  expect([ended.id, stateOf(ended), wordsOf(ended)]).toEqual([task.id, 'completed', 'Done: [{"colour":"blue"}]'])
  expect(ended.history.map((message) => wordsOf(message))).toEqual(['pick', 'Which colour?', 'Answered: blue.'])
})

test('a stream ends where the client has to say something', async () => {
  const client = await (await agentStage()).client()
  const news = await allOf(client.stream('pick'))
  expect(stateIn(news.at(-1) ?? {})).toBe('input-required')
})

test('an answer that was not offered leaves the question open', async () => {
  const client = await (await agentStage()).client()
  const task = await client.ask('pick')
  await expect(client.ask('green', { taskId: task.id })).rejects.toThrow('The answer is not one of the options.')
  expect(stateOf(await client.get(task.id))).toBe('input-required')
})

test('an approval can be given, and can be refused: then the task is rejected', async () => {
  const { world, client: open } = await agentStage()
  const client = await open()
  const [yes, no] = [await client.ask('pay'), await client.ask('pay')]
  const [first, second] = factsOf(yes)['options'] as [{ value: string }, { value: string }]
  expect(factsOf(yes)).toMatchObject({ kind: 'binary_choice', approval: { tool: 'pay' } })
  await expect(client.ask(first.value, { taskId: yes.id })).rejects.toThrow('naming its question')
  expect(world.effects).toEqual([])
  const { interactionId } = factsOf(yes) as { interactionId: string }
  const approved = await client.ask('', { taskId: yes.id, data: { interactionId, answer: first.value } })
  expect(stateOf(approved)).toBe('completed')
  expect(world.effects).toHaveLength(1)
  const refused = await client.ask(second.value, { taskId: no.id })
  expect([stateOf(refused), refused.status?.message?.metadata]).toEqual(['rejected', { error: 'access_denied' }])
  expect(world.effects).toHaveLength(1)
})

test('a yes that is said once more, under another id, is none to the next approval', async () => {
  const { world, client: open } = await agentStage()
  const client = await open()
  const task = await client.ask('pay then pay')
  const { interactionId, options } = factsOf(task) as { interactionId: string; options: [{ value: string }] }
  const [{ value: answer }] = options
  const next = await client.ask('', { taskId: task.id, data: { interactionId, answer } })
  expect(factsOf(next)).toMatchObject({
    kind: 'binary_choice',
    approval: { tool: 'pay' },
    interactionId: expect.not.stringMatching(interactionId),
  })
  await expect(client.ask('', { taskId: task.id, data: { interactionId, answer } })).rejects.toThrow('that it names is not open')
  await expect(client.ask('', { taskId: task.id, data: { answer } })).rejects.toThrow('naming its question')
  await expect(client.ask(answer, { taskId: task.id })).rejects.toThrow('naming its question')
  expect([stateOf(await client.get(task.id)), world.effects.length]).toEqual(['input-required', 1])
})

test('of several open questions one has to be named', async () => {
  const client = await (await agentStage()).client()
  const task = await client.ask('pick pay')
  await expect(client.ask('blue', { taskId: task.id })).rejects.toThrow('Several questions are open')
  const questions = task.history.flatMap(({ parts }) => parts.flatMap(({ content }) => (content?.$case === 'data' ? [content.value] : [])))
  const { interactionId } = questions.find(({ kind }: { kind: string }) => kind === 'radio') as { interactionId: string }
  const after = await client.ask('', { taskId: task.id, data: { interactionId, answer: 'blue' } })
  expect(factsOf(after)['kind']).toBe('binary_choice')
  const ended = await client.ask('', { taskId: task.id, data: { action: 'decline', reason: 'not today' } })
  expect([stateOf(ended), saidOf(ended)]).toEqual(['rejected', expect.stringContaining('not today')])
})

test('a question that nobody answers in time makes the task failed', async () => {
  const client = await (await agentStage()).client()
  const task = await client.ask('slow')
  const ended = await client.until(task.id, 'failed', 'completed', 'rejected')
  expect([stateOf(ended), ended.status?.message?.metadata]).toEqual(['failed', { error: 'expired' }])
})

test('what waits for somebody elsewhere takes no words, but can be withdrawn', async () => {
  const { world, client: open } = await agentStage()
  const client = await open()
  const task = await client.ask('ring')
  await expect(client.ask('I am allowed to', { taskId: task.id })).rejects.toThrow('waits for somebody elsewhere')
  const canceled = await client.cancel(task.id)
  expect(stateOf(canceled)).toBe('canceled')
  world.phone = 'granted'
  expect(stateOf(await client.get(task.id))).toBe('canceled')
  expect(world.effects).toEqual([])
})

test('a request on a device can be withdrawn by whoever asked for it, and is not sent again at once', async () => {
  const { world, client: open } = await agentStage()
  const client = await open()
  const task = await client.ask('ring')
  const again = client.ask('', { taskId: task.id, data: { action: 'resend' } })
  await expect(again).rejects.toThrow(/^It was sent a moment ago[^.]*\. The question stays open\.$/)
  const declined = await client.ask('', { taskId: task.id, data: { action: 'decline' } })
  expect([stateOf(declined), declined.status?.message?.metadata, world.effects]).toEqual(['failed', { error: 'cancelled' }, []])
})

test('a task that works can be cancelled, again without effect, and takes no message afterwards', async () => {
  const { world, client: open } = await agentStage()
  const digging = new Promise<void>((resolve) => {
    world.onDig = resolve
  })
  const client = await open()
  const task = await client.ask('dig', { isImmediate: true })
  await digging
  expect(stateOf(await client.cancel(task.id))).toBe('canceled')
  expect(stateOf(await client.cancel(task.id))).toBe('canceled')
  await expect(client.ask('Go on', { taskId: task.id })).rejects.toThrow('The task has ended')
})

test('a task that has ended cannot be cancelled or followed', async () => {
  const client = await (await agentStage()).client()
  const task = await client.ask('Hello')
  await expect(client.cancel(task.id)).rejects.toThrow('The task has ended.')
  await expect(allOf(client.follow(task.id))).rejects.toThrow('The task has ended')
})

test('a run that fails, and a tool that does, make the task failed without a word of what is inside', async () => {
  const { lines, client: open } = await agentStage()
  const client = await open()
  for (const words of ['crash', 'break']) {
    const task = await client.ask(words)
    expect(stateOf(task)).toBe('failed')
    expect(JSON.stringify(task)).not.toContain('secret place at')
  }
  expect(lines.join('\n')).not.toContain('the model broke')
})

test('the same message sent twice is one task, also when its first answer was lost', async () => {
  const { world, client: open } = await agentStage()
  const client = await open()
  const messageId = crypto.randomUUID()
  const [one, other] = await Promise.all([client.ask('ring', { messageId }), client.ask('ring', { messageId })])
  expect(other.id).toBe(one.id)
  world.phone = 'granted'
  await client.until(one.id, 'completed')
  expect((await client.ask('ring', { messageId })).id).toBe(one.id)
  expect(world.effects).toHaveLength(1)
})

test('an answer that is sent again answers nothing else', async () => {
  const client = await (await agentStage()).client()
  const task = await client.ask('twice')
  const messageId = crypto.randomUUID()
  const second = await client.ask('one', { taskId: task.id, messageId })
  expect(saidOf(second)).toBe('The second word?')
  const again = await client.ask('one', { taskId: task.id, messageId })
  expect([stateOf(again), saidOf(again)]).toEqual(['input-required', 'The second word?'])
  expect(wordsOf(await client.ask('two', { taskId: task.id }))).toBe('Done: [{"words":["one","two"]}]')
})

test('a task in the same context knows what was said, and a newer one ends an older', async () => {
  const client = await (await agentStage()).client()
  const waiting = await client.ask('pick')
  const next = await client.ask('Hello', { contextId: waiting.contextId })
  expect([next.contextId, stateOf(next)]).toEqual([waiting.contextId, 'completed'])
  expect(stateOf(await client.get(waiting.id))).toBe('canceled')
})

test('progress is told as the message of a task that works', async () => {
  const { client: open } = await agentStage()
  const client = await open()
  const task = await client.ask('dig', { isImmediate: true })
  for await (const { payload } of client.follow(task.id)) {
    const about = payload?.$case === 'task' || payload?.$case === 'statusUpdate' ? payload.value.status : undefined
    if (wordsOf(about?.message) === 'Digging…') break
  }
  expect(stateOf(await client.cancel(task.id))).toBe('canceled')
})

test('tasks are listed, the one that changed last first, by page, state and context', async () => {
  const client = await (await agentStage()).client()
  const [one, two, three] = [await client.ask('one'), await client.ask('pick'), await client.ask('three')]
  const first = await client.list({ pageSize: 2 })
  expect([first.tasks.map(({ id }) => id), first.totalSize, first.tasks[0]?.artifacts]).toEqual([[three.id, two.id], 3, []])
  const rest = await client.list({ pageSize: 2, pageToken: first.nextPageToken, includeArtifacts: true })
  expect([rest.tasks.map((task) => [task.id, wordsOf(task)]), rest.nextPageToken]).toEqual([[[one.id, 'You said: one']], ''])
  const open = await client.list({ status: TaskState.TASK_STATE_INPUT_REQUIRED })
  expect(open.tasks.map(({ id }) => id)).toEqual([two.id])
  expect((await client.list({ contextId: one.contextId })).tasks.map(({ id }) => id)).toEqual([one.id])
})

test('of the history as much is told as is asked for', async () => {
  const client = await (await agentStage()).client()
  const task = await client.ask('pick', { historyLength: 1 })
  expect(task.history.map((message) => wordsOf(message))).toEqual(['Which colour?'])
  expect((await client.get(task.id, 0)).history).toEqual([])
})

test('a task whose turn is no longer in the log is told by its rows', async () => {
  const client = await (await agentStage({ limits: { max_log_events: 100, max_messages_per_10_seconds: 100 } })).client()
  const asked = await client.ask('pay')
  const refused = await client.ask('', { taskId: asked.id, data: { action: 'decline' } })
  const answered = await client.ask('Hello', { contextId: asked.contextId })
  const { contextId } = asked
  for (let round = 0; round < 40; round += 1) await client.ask(`Round ${round}`, { contextId })
  const whole = (id: string): Promise<boolean> => client.get(id).then(({ history }) => history.length > 1)
  await expect.poll(() => whole(asked.id), { timeout: 10_000 }).toBe(false)
  const { status, artifacts } = await client.get(asked.id)
  expect([stateOf({ status }), status?.message, artifacts]).toEqual(['rejected', refused.status?.message, []])
  expect(wordsOf(await client.get(answered.id))).toBe('You said: Hello')
}, 20_000)
