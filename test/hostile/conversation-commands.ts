import { deepStrictEqual, match } from 'node:assert/strict'
import fc from 'fast-check'
import { userMessage } from './chat-client.ts'
import type { ConversationWorld } from './conversation-world.ts'
import { words } from './obedient-parts.ts'
import { closeCodeIn, frameBytes, rawSocket } from './raw-socket.ts'

/** What must be true of the conversation. */
export interface ConversationModel {
  hasChat: boolean
  hasNat: boolean
  /** The question that is open. */
  question: string | undefined
  /** The questions that are over. */
  ended: string[]
  /** How often the tool painted. */
  effects: number
  /** How many messages were said. */
  said: number
}

export function nothingYet(): ConversationModel {
  return { hasChat: false, hasNat: false, question: undefined, ended: [], effects: 0, said: 0 }
}

type Can = (model: Readonly<ConversationModel>) => boolean
type Step = (model: ConversationModel, world: ConversationWorld) => Promise<void>

const isConnected: Can = ({ hasChat, hasNat }) => hasChat || hasNat

/** Does the step, and looks at everything that must hold after it. */
function command(name: string, can: Can, step: Step): fc.Arbitrary<fc.AsyncCommand<ConversationModel, ConversationWorld>> {
  return fc.constant({
    check: can,
    async run(model, world) {
      await step(model, world)
      deepStrictEqual(world.effects, model.effects)
      await world.check()
    },
    toString: () => name,
  })
}

/** A command that is about an open question: where none is open, one is asked for. */
function reply(name: string, can: Can, step: (model: ConversationModel & { question: string }, world: ConversationWorld) => Promise<void>) {
  return command(name, can, async (model, world) => {
    const question = model.question ?? (await ask(model, world))
    await step(Object.assign(model, { question }), world)
  })
}

const connecting = [
  command(
    'connect',
    ({ hasChat }) => !hasChat,
    async (model, world) => {
      await world.connect()
      model.hasChat = true
    },
  ),
  command(
    'connect as NAT',
    ({ hasNat }) => !hasNat,
    async (model, world) => {
      await world.connectNat()
      model.hasNat = true
      const { question } = model
      if (question !== undefined)
        await world.nat?.until((frame) => frame.type === 'system_interaction_message' && frame['thread_id'] === question)
    },
  ),
  command('drop', isConnected, async (model, world) => {
    await world.drop()
    model.hasChat = model.hasNat = false
  }),
]

const speaking = [
  command('say', isConnected, async (model, world) => {
    const id = nextMessage(model)
    world.send(userMessage('hello', id, world.conversationId))
    await isDone(world, id)
  }),
  command('ask', isConnected, async (model, world) => {
    await ask(model, world)
  }),
  command(
    'say while the connection breaks, and again',
    ({ hasChat }) => hasChat,
    async (model, world) => {
      const id = nextMessage(model)
      const message = userMessage('hello', id, world.conversationId)
      world.send(message)
      await world.drop()
      await world.connect()
      model.hasNat = false
      world.send(message)
      await isDone(world, id)
    },
  ),
  reply('stop', isConnected, async (model, world) => {
    world.send({ type: 'cancel_message', conversation_id: world.conversationId })
    await isOver(world, endQuestion(model), 'cancelled')
  }),
]

const answering = [
  reply('answer', isConnected, async (model, world) => {
    world.send(answer(world, { interaction_id: model.question, answer: 'red' }))
    await isPainted(model, world)
  }),
  reply('answer as NAT does', isConnected, async (model, world) => {
    const content = { messages: [{ role: 'user', content: [{ type: 'text', text: 'blue' }] }] }
    world.send(answer(world, { thread_id: model.question, content }))
    await isPainted(model, world)
  }),
  reply('answer twice at once', isConnected, async (model, world) => {
    const frame = answer(world, { interaction_id: model.question, answer: 'red' })
    world.send(frame)
    deepStrictEqual(await world.refusalOf(frame), 'invalid_message')
    await isPainted(model, world)
  }),
  reply(
    'answer while the connection breaks, and again',
    ({ hasChat }) => hasChat,
    async (model, world) => {
      const frame = answer(world, { interaction_id: model.question, answer: 'red' })
      world.send(frame)
      await world.drop()
      await world.connect()
      model.hasNat = false
      world.send(frame)
      await isPainted(model, world)
    },
  ),
  reply('decline', isConnected, async (model, world) => {
    world.send(answer(world, { interaction_id: model.question, action: 'decline' }))
    await isOver(world, endQuestion(model), 'declined')
  }),
  reply('answer what was not offered', isConnected, async (model, world) => {
    deepStrictEqual(
      await world.refusalOf(answer(world, { interaction_id: model.question, answer: 'green' })),
      'invalid_user_message_content',
    )
  }),
  command(
    'answer too late',
    (model) => isConnected(model) && model.ended.length > 0,
    async (model, world) => {
      for (const action of ['accept', 'decline', 'cancel'])
        deepStrictEqual(
          await world.refusalOf(answer(world, { interaction_id: model.ended.at(-1), action, answer: 'red' })),
          'invalid_message',
        )
    },
  ),
  command(
    'answer nothing',
    (model) => isConnected(model) && model.question === undefined,
    async (_model, world) => {
      deepStrictEqual(await world.refusalOf(answer(world, { answer: 'red' })), 'invalid_message')
    },
  ),
]

const hostile = [
  command(
    'a stranger tries everything',
    ({ said }) => said > 0,
    async (model, world) => {
      const id = model.question ?? model.ended[0] ?? 'none'
      world.stranger.send({ type: 'resume_message', conversation_id: world.conversationId, last_seq: 0 })
      for (const frame of [
        answer(world, { interaction_id: id, answer: 'red' }),
        answer(world, { interaction_id: id, action: 'cancel' }),
        { type: 'cancel_message', conversation_id: world.conversationId },
        userMessage('mine now', 'm1', world.conversationId),
        userMessage('mine now', 'stranger', world.conversationId),
      ])
        deepStrictEqual((await world.stranger.refusalOf(frame)).content.code, 'invalid_message')
    },
  ),
  fc
    .constantFrom(
      '{',
      '[]',
      '{"type":"__proto__"}',
      '{"type":"user_message"}',
      '{"type":"resume_message","last_seq":{}}',
      Buffer.from('{}'),
      '['.repeat(70),
    )
    .chain((frame) =>
      command(`send ${String(frame).slice(0, 20)}`, isConnected, async (_model, world) => {
        match(String(await world.refusalOf(frame)), /^invalid_/)
      }),
    ),
  command(
    'break the protocol',
    () => true,
    async (_model, world) => {
      const raw = await rawSocket(world.stage.port, { cookie: world.cookie }, `?conversation_id=${world.conversationId}`)
      raw.send(frameBytes('{}', { opcode: 5 }))
      world.closeCodes.push(closeCodeIn(await raw.ended) ?? 1006)
    },
  ),
]

export const allCommands = [...connecting, ...speaking, ...answering, ...hostile]

async function ask(model: ConversationModel, world: ConversationWorld): Promise<string> {
  const id = nextMessage(model)
  world.send(userMessage(words.ask, id, world.conversationId))
  model.question = await world.row(({ runs, questions }) => {
    const run = runs.find(({ messageId, state }) => messageId === id && state === 'waiting')
    return questions.find(({ runId, state }) => runId === run?.id && state === 'pending')?.id
  })
  return model.question
}

/** A newer message ends the question that is open. */
function nextMessage(model: ConversationModel): string {
  if (model.question !== undefined) endQuestion(model)
  model.said += 1
  return `m${model.said}`
}

function endQuestion(model: ConversationModel): string {
  const id = model.question ?? ''
  model.question = undefined
  model.ended.push(id)
  return id
}

async function isPainted(model: ConversationModel, world: ConversationWorld): Promise<void> {
  model.effects += 1
  await isOver(world, endQuestion(model), 'answered')
}

function isDone(world: ConversationWorld, messageId: string): Promise<unknown> {
  return world.row(({ runs }) => runs.find((run) => run.messageId === messageId && run.state === 'done'))
}

/** The question and its run have ended. */
function isOver(world: ConversationWorld, id: string, end: string): Promise<unknown> {
  return world.row(({ runs, questions }) => {
    const question = questions.find((row) => row.id === id && row.state === end)
    return runs.find((run) => run.id === question?.runId && run.endedAt !== null)
  })
}

function answer(world: ConversationWorld, parts: object): object {
  return { type: 'user_interaction_message', id: 'a1', conversation_id: world.conversationId, ...parts }
}
