/** The same exchange of frames with bare parts: a WebSocket server and SQLite, three commits a cycle, no authority, no audit, no recovery. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { TOKENS, TRANSFER } from '../programs/approval-workflow.ts'
import { argument, tellParent } from '../programs/parent.ts'
import { GroupCommit } from './group-commit.ts'

const { file, framesPerReply } = argument() as { file: string; framesPerReply: number }
const log = new GroupCommit(file)
const server = createServer()
const sockets = new WebSocketServer({ server, perMessageDeflate: false })
let count = 0

sockets.on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString('utf8')) as Incoming // from our own client
    void (frame.type === 'user_message' ? ask(socket, frame) : reply(socket, frame))
  })
})
server.listen(0, '127.0.0.1', () => tellParent(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))

interface Incoming {
  readonly type: string
  readonly id: string
  readonly conversation_id: string
}

async function ask(socket: WebSocket, { id, conversation_id }: Incoming): Promise<void> {
  count += 1
  const question = { text: 'Run "transfer"?', input_type: 'binary_choice', options: ['approve', 'deny'], arguments: TRANSFER }
  await log.append(conversation_id, JSON.stringify({ id, question }))
  const base = baseOf(conversation_id, id)
  send(socket, { ...base, type: 'system_intermediate_message', content: { name: 'Tool: transfer', payload: JSON.stringify(TRANSFER) } })
  send(socket, { ...base, id: `q${count}`, thread_id: `q${count}`, type: 'system_interaction_message', content: question })
}

async function reply(socket: WebSocket, { id, conversation_id }: Incoming): Promise<void> {
  await log.append(conversation_id, JSON.stringify({ id, answer: 'approve' }))
  const base = baseOf(conversation_id, id)
  const result = { paid: TRANSFER.amount, to: TRANSFER.to }
  send(socket, { ...base, type: 'system_intermediate_message', content: { name: 'Tool: transfer', payload: JSON.stringify(result) } })
  await log.append(conversation_id, JSON.stringify({ result, text: TOKENS.join('') }))
  const size = TOKENS.length / framesPerReply
  for (let from = 0; from < TOKENS.length; from += size)
    send(socket, {
      ...base,
      type: 'system_response_message',
      content: { text: TOKENS.slice(from, from + size).join('') },
      status: 'in_progress',
    })
  send(socket, { ...base, type: 'system_response_message', content: { text: null }, status: 'complete' })
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

function send(socket: WebSocket, frame: object): void {
  socket.send(JSON.stringify(frame))
}
