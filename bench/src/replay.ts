import { once } from 'node:events'
import { type RunEvent, type Rows, silentLog, type Store } from '@countersign/core'
import { nodeRuntime, openPostgresStore, openSqliteStore } from '@countersign/server'
import { WebSocket } from 'ws'
import { compared, plain } from './figure.ts'
import type { DatabaseAt } from './floors/append-log.ts'
import { interleave } from './measure.ts'
import { connect } from './nat-person.ts'
import { type Program, withPrograms } from './program.ts'
import type { StoreClaim } from './store-claim.ts'

/** As much as the log of a conversation keeps by default. */
const EVENTS = 10_000
/** What a client misses that was away for a while. */
const MISSED = 1_000
const ROUNDS = 7
const RETURNS = 60
const DEADLINE_MS = 20_000
const CONVERSATION = 'long'

/** A long log told to a client that was away: beside a bare server that sends the same bytes from the same table. */
export const replay: StoreClaim = {
  name: 'replay',
  async measureOn(databases, say) {
    const database = await databases.make('replay')
    return withPrograms([{ path: 'programs/bench-server', argument: { ...database } }], async ([server]) => {
      if (!server) return []
      const cookie = await fill(server, database)
      return withPrograms([{ path: 'floors/bare-replay', argument: { ...database } }], async ([floor]) => {
        if (!floor) return []
        say(`${EVENTS} events to one client, floor and ours in turns, ${ROUNDS} rounds`)
        const all = { cookie, missed: EVENTS }
        const [ofFloor, ofOurs] = [await comeBack(floor, all), await comeBack(server, all)]
        if (ofFloor.bytes !== ofOurs.bytes) throw new Error(`the floor sends ${ofFloor.bytes} bytes, ours ${ofOurs.bytes}`)
        const rate = (program: Program) => async () => (EVENTS * 1_000) / (await comeBack(program, all)).elapsedMs
        const { floor: bare, values, ratios } = await interleave(rate(floor), [rate(server)], ROUNDS)
        say(`${MISSED} events missed, ${RETURNS} times`)
        const times: number[] = []
        for (let count = 0; count < RETURNS; count += 1) times.push((await comeBack(server, { cookie, missed: MISSED })).elapsedMs)
        return [
          compared(`replay of ${EVENTS} events`, 'frames/s', {
            value: values[0] ?? 0,
            floor: bare,
            ratio: ratios[0] ?? 0,
            goal: '≥ 0.5 ×',
          }),
          plain(`replay of ${MISSED} events, 95 of 100 within`, 'ms', { value: percentile95(times), goal: '≤ 100' }),
        ]
      })
    })
  },
}

interface Return {
  readonly elapsedMs: number
  /** Of all events. */
  readonly bytes: number
}

/** Opens a socket as our own client that has seen all but what it missed. */
async function comeBack({ address }: Program, { cookie, missed }: { readonly cookie: string; readonly missed: number }): Promise<Return> {
  const { host, origin } = new URL(address)
  const url = `ws://${host}/websocket?conversation_id=${CONVERSATION}&last_seq=${EVENTS - missed}`
  const socket = new WebSocket(url, ['countersign.v1'], { origin, headers: { cookie }, perMessageDeflate: false })
  let [count, bytes] = [0, 0]
  const done = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      count += 1
      bytes += data.length
      if (count === missed) resolve()
    })
  })
  const signal = AbortSignal.timeout(DEADLINE_MS)
  const tooLate = once(signal, 'abort').then(() => {
    throw new Error(`${count} of ${missed} events came within ${DEADLINE_MS} ms`)
  })
  await once(socket, 'open', { signal })
  const startedAt = performance.now()
  await Promise.race([done, tooLate])
  const elapsedMs = performance.now() - startedAt
  socket.terminate()
  return { elapsedMs, bytes }
}

/** Writes a long log, past the server, for a person whom it knows. @returns their cookie */
async function fill({ address }: Program, database: DatabaseAt): Promise<string> {
  const person = await connect(address, 'first')
  person.close()
  const store = await openStore(database)
  await store.transact('fill', async (transaction) => {
    const [session] = await transaction.find('sessions', {})
    const row = {
      id: CONVERSATION,
      principalId: session?.principalId ?? '',
      sessionId: session?.id ?? null,
      seq: EVENTS,
      eventCount: EVENTS,
    }
    await transaction.insert('conversations', { ...row, ...unused })
    for (let from = 1; from <= EVENTS; from += 500)
      await transaction.insert('events', ...Array.from({ length: 500 }, (_, index) => event(from + index)))
  })
  await store.close()
  return person.cookie
}

const unused = { messageCount: 0, auditNumber: 0, auditHead: '', auditOpen: 0, auditSigned: 0, createdAt: 0, keptFrom: 1, thinnedTo: 0 }

function openStore({ file, url }: DatabaseAt): Promise<Store> {
  const runtime = nodeRuntime(silentLog)
  return url === undefined ? openSqliteStore({ file, runtime, lock: false }) : openPostgresStore({ url, runtime })
}

/** Turns as people have them: a question, a call, an answer. */
function event(seq: number): Rows['events'] {
  const runId = `run-${Math.ceil(seq / 5)}`
  const call = { runId, callId: `call-${runId}`, tool: 'transfer' }
  const turn: readonly RunEvent[] = [
    { type: 'run-start', runId, messageId: `message-${runId}`, text: 'Pay Bob 50 for the tickets of last week, please.' },
    { type: 'tool-start', ...call, input: { amount: 50, to: 'Bob', why: 'tickets' } },
    { type: 'tool-end', ...call, status: 'ok', output: { paid: 50, to: 'Bob', receipt: runId } },
    { type: 'reply-end', runId, turn: 2, attempt: 1, text: 'I have paid Bob 50 for the tickets of last week. '.repeat(4) },
    { type: 'run-end', runId, state: 'done' },
  ]
  return {
    conversationId: CONVERSATION,
    seq,
    at: 1_767_225_600_000 + seq,
    event: turn[(seq - 1) % 5] ?? { type: 'run-end', runId, state: 'done' },
  }
}

function percentile95(times: readonly number[]): number {
  return times.toSorted((left, right) => left - right)[Math.ceil(times.length * 0.95) - 1] ?? Number.NaN
}
