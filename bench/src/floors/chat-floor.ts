/** The same exchange of frames with bare parts: a WebSocket server and SQLite, three commits a cycle, no authority, no audit, no recovery. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { SAYINGS, TOKENS, TRANSFER, dripReply, longReply } from '../script.ts'
import { argument, tellParent } from '../programs/parent.ts'
import { GroupCommit } from './group-commit.ts'

interface Incoming {
  readonly type: string
  readonly id: string
  readonly conversation_id: string
  readonly content: { readonly messages: readonly { readonly content: readonly { readonly text: string }[] }[] }
}

const { file, tokensPerFrame = 1 } = argument() as { file: string; tokensPerFrame?: number }
const log = new GroupCommit(file)
const server = createServer()
const sockets = new WebSocketServer({ server, perMessageDeflate: false })
let count = 0

sockets.on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString('utf8')) as Incoming // from our own client
    const text = frame.content.messages[0]?.content[0]?.text
    if (frame.type !== 'user_message') void afterAnswer(socket, frame)
    else if (text === SAYINGS.pay) void ask(socket, frame)
    else void tell(socket, frame, text === SAYINGS.drip ? dripReply() : longReply())
  })
})
server.listen(0, '127.0.0.1', () => tellParent(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))

async function ask(socket: WebSocket, { id, conversation_id }: Incoming): Promise<void> {
  count += 1
  const question = { text: 'Run "transfer"?', input_type: 'binary_choice', options: ['approve', 'deny'], arguments: TRANSFER }
  await log.append(conversation_id, JSON.stringify({ id, question }))
  const base = baseOf(conversation_id, id)
  sendStep(socket, base, JSON.stringify(TRANSFER))
  send(socket, { ...base, id: `q${count}`, thread_id: `q${count}`, type: 'system_interaction_message', content: question })
}

async function afterAnswer(socket: WebSocket, { id, conversation_id }: Incoming): Promise<void> {
  await log.append(conversation_id, JSON.stringify({ id, answer: 'approve' }))
  const base = baseOf(conversation_id, id)
  const result = { paid: TRANSFER.amount, to: TRANSFER.to }
  sendStep(socket, base, JSON.stringify(result))
  await log.append(conversation_id, JSON.stringify({ result, text: TOKENS.join('') }))
  for (let from = 0; from < TOKENS.length; from += tokensPerFrame)
    sendText(socket, base, TOKENS.slice(from, from + tokensPerFrame).join(''))
  sendEnd(socket, base)
}

/** A long reply as it comes, a frame a token. */
async function tell(socket: WebSocket, { id, conversation_id }: Incoming, reply: AsyncIterable<string>): Promise<void> {
  await log.append(conversation_id, JSON.stringify({ id }))
  const base = baseOf(conversation_id, id)
  let text = ''
  for await (const token of reply) {
    text += token
    sendText(socket, base, token)
  }
  await log.append(conversation_id, JSON.stringify({ text }))
  sendEnd(socket, base)
}

function baseOf(conversationId: string, parentId: string): object {
  count += 1
  return {
    id: `f${count}`,
    thread_id: 'default',
    parent_id: parentId,
    conversation_id: conversationId,
    timestamp: new Date().toISOString(),
  }
}

function sendStep(socket: WebSocket, base: object, payload: string): void {
  send(socket, { ...base, type: 'system_intermediate_message', content: { name: 'Tool: transfer', payload }, status: 'in_progress' })
}

function sendText(socket: WebSocket, base: object, text: string): void {
  send(socket, { ...base, type: 'system_response_message', content: { text }, status: 'in_progress' })
}

function sendEnd(socket: WebSocket, base: object): void {
  send(socket, { ...base, type: 'system_response_message', content: { text: null }, status: 'complete' })
}

function send(socket: WebSocket, frame: object): void {
  socket.send(JSON.stringify(frame))
}
