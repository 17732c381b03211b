/** The least that can take a message over a socket, keep it and answer it: what a process with these parts takes to start. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { GroupCommit } from './group-commit.ts'

const log = new GroupCommit(process.argv[2] ?? ':memory:')
const server = createServer()
new WebSocketServer({ server }).on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    void log.append('first', data.toString('utf8')).then(() => socket.send(JSON.stringify({ type: 'system_interaction_message' })))
  })
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`))
