/** The same exchange of frames with bare parts: a WebSocket server and a table, three commits a cycle, no authority, no audit, no recovery. */
import { argument } from '../programs/parent.ts'
import { SAYINGS, TOKENS, TRANSFER, dripReply, longReply } from '../script.ts'
import { type DatabaseAt, openLog } from './append-log.ts'
import { type NatAnswer, QUESTION, serveChat } from './nat-answer.ts'

const { tokensPerFrame = 1, ...database } = argument() as object as DatabaseAt & { tokensPerFrame?: number }
const log = await openLog(database)

serveChat({
  say: (text, answer) => (text === SAYINGS.pay ? ask(answer) : tell(answer, text === SAYINGS.drip ? dripReply() : longReply())),
  approve: afterAnswer,
})

async function ask(answer: NatAnswer): Promise<void> {
  await log.append(answer.conversationId, JSON.stringify({ id: answer.messageId, question: QUESTION }))
  answer.step(TRANSFER)
  answer.ask()
}

async function afterAnswer(answer: NatAnswer): Promise<void> {
  await log.append(answer.conversationId, JSON.stringify({ id: answer.messageId, answer: 'approve' }))
  const result = { paid: TRANSFER.amount, to: TRANSFER.to }
  answer.step(result)
  await log.append(answer.conversationId, JSON.stringify({ result, text: TOKENS.join('') }))
  for (let from = 0; from < TOKENS.length; from += tokensPerFrame) answer.text(TOKENS.slice(from, from + tokensPerFrame).join(''))
  answer.end()
}

/** A long reply as it comes, a frame a token. */
async function tell(answer: NatAnswer, reply: AsyncIterable<string>): Promise<void> {
  await log.append(answer.conversationId, JSON.stringify({ id: answer.messageId }))
  let text = ''
  for await (const token of reply) {
    text += token
    answer.text(token)
  }
  await log.append(answer.conversationId, JSON.stringify({ text }))
  answer.end()
}
