/** The least that replays a log: rows of the same table, put into frames as they are, over a bare WebSocket server. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import Database from 'libsql'
import pg from 'pg'
import { type WebSocket, WebSocketServer } from 'ws'
import { argument, tellParent } from '../programs/parent.ts'
import type { DatabaseAt } from './append-log.ts'

/** As many rows at a time as ours reads. */
const BATCH = 100

interface Row {
  readonly seq: number | string
  readonly at: number | string
  /** JSON, as it is kept. */
  readonly event: string
}

type Read = (conversation: string, after: number) => Promise<readonly Row[]>

const read = opened(argument() as object as DatabaseAt)
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
server.on('connection', (socket, request) => {
  const query = new URL(request.url ?? '', 'http://127.0.0.1').searchParams
  void replay(socket, query.get('conversation_id') ?? '', Number(query.get('last_seq')))
})
await once(server, 'listening')
// A server that listens on a port has an address of this form.
tellParent(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)

async function replay(socket: WebSocket, conversation: string, after: number): Promise<void> {
  let last = after
  for (let rows = await read(conversation, last); rows.length > 0; rows = await read(conversation, last)) {
    for (const { seq, at, event } of rows) {
      socket.send(`{"type":"event_message","conversation_id":${JSON.stringify(conversation)},"seq":${seq},"at":${at},"event":${event}}`)
      last = Number(seq)
    }
  }
}

function opened({ file, url }: DatabaseAt): Read {
  const select = (first: string, second: string, limit: string): string =>
    `select seq, at, event from events where conversation_id = ${first} and seq > ${second} order by seq limit ${limit}`
  if (url !== undefined) {
    const pool = new pg.Pool({ connectionString: url })
    const text = select('$1', '$2', '$3')
    return async (...values) => (await pool.query<Row>({ name: 'replay', text, values: [...values, BATCH] })).rows
  }
  const statement = new Database(file).prepare(select('?', '?', '?'))
  return async (...values) => {
    // Between batches the event loop has its turn.
    await new Promise((resolve) => setImmediate(resolve))
    return statement.all(...values, BATCH) as readonly Row[] // the columns that were selected
  }
}
