import { once } from 'node:events'
import type { LoggedEvent } from '@countersign/core'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { type ChatClient, isCaughtUp, isEvent, openChat, userMessage } from './chat-client.ts'
import { hostileStage, type Stage } from './hostile-stage.ts'
import { words } from './obedient-parts.ts'

const limits = { max_log_events: 100, max_messages_per_10_seconds: 1_000 }

test('a client that was away longer than the log is kept is told so, and gets all that is left', async () => {
  const { stage, cookie, tab } = await longConversation()
  const back = await openChat(stage, { cookie, conversationId: 'c', lastSeq: 3 })
  const { seq } = await back.until(isCaughtUp)
  const [first, next] = back.frames
  expect(first).toMatchObject({ type: 'snapshot_message', conversation_id: 'c' })
  const from = first?.type === 'snapshot_message' ? first.seq : 0
  expect(from).toBeGreaterThan(50)
  expect(next).toMatchObject({ type: 'event_message', seq: from + 1 })
  const kept = tab.events.slice(from).filter(({ event }) => event.type !== 'reply-start')
  expect(back.events.map(({ seq: at, event }) => [at, event])).toEqual(kept.map(({ seq: at, event }) => [at, event]))
  expect(seq).toBe(tab.events.length)
  expect(await back.turn('still here', 'm-last')).toBe('You said: still here')
}, 20_000)

test('a stranger who knows a conversation and a seq of it is told what is told of one that nobody has', async () => {
  const { stage, tab } = await longConversation()
  const strange = await stage.newCookie()
  for (const lastSeq of [0, 3, tab.events.length]) {
    const frames = await Promise.all(
      ['c', 'nobody-has-this'].map(async (conversationId) => {
        const client = await openChat(stage, { cookie: strange, conversationId, lastSeq })
        await client.until(isCaughtUp)
        return client.frames.map((frame) => ({ ...frame, conversation_id: 'any' }))
      }),
    )
    expect(frames[0]).toEqual(frames[1])
  }
}, 20_000)

test('a NAT client whose question and run ended beyond the log it is told of gets the end of its run, and no question of it', async () => {
  const stage = await hostileStage({ limits })
  const cookie = await stage.newCookie()
  const tab = await openChat(stage, { cookie, conversationId: 'c' })
  const nat = await openNat(stage, cookie)
  nat.socket.send(JSON.stringify(userMessage(words.ask, 'm-nat', 'c')))
  const { event } = await tab.until(isEvent('interaction-open'))
  await nat.until('system_interaction_message')
  nat.socket.close()
  await once(nat.socket, 'close')
  tab.answer(event.type === 'interaction-open' ? event.interaction.id : '', 'red')
  await tab.until(isEvent('run-end'))
  await talkOn(stage, tab)
  const back = await openNat(stage, cookie)
  expect(await back.until('system_response_message')).toMatchObject({ parent_id: 'm-nat', status: 'complete', seq: expect.any(Number) })
  const from = back.frames.length
  back.socket.send(JSON.stringify(userMessage('still here', 'm-next', 'c')))
  await back.until('system_response_message', from)
  expect(back.frames.map(({ type }) => type)).not.toContain('system_interaction_message')
}, 20_000)

async function longConversation(): Promise<{ stage: Stage; cookie: string; tab: ChatClient & { events: readonly LoggedEvent[] } }> {
  const stage = await hostileStage({ limits })
  const cookie = await stage.newCookie()
  const tab = await openChat(stage, { cookie, conversationId: 'c' })
  await talkOn(stage, tab)
  return { stage, cookie, tab }
}

/** So long that the log does not hold it all. */
async function talkOn(stage: Stage, tab: ChatClient): Promise<void> {
  for (let turn = 1; turn <= 40; turn += 1) await tab.turn('hello', `m${turn}`)
  await stage.logged('log shortened')
}

interface NatFrame {
  readonly type: string
}

/** A client that speaks NAT's frames. */
async function openNat(
  { origin }: Stage,
  cookie: string,
): Promise<{ socket: WebSocket; frames: NatFrame[]; until: (type: string, from?: number) => Promise<NatFrame> }> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/websocket?conversation_id=c`, { origin, headers: { cookie } })
  onTestFinished(() => socket.terminate())
  const frames: NatFrame[] = []
  const watchers = new Set<() => void>()
  socket.on('message', (data: Buffer) => {
    frames.push(JSON.parse(data.toString()) as NatFrame) // the boundary: what our server sent
    for (const watcher of watchers) watcher()
  })
  await once(socket, 'open')
  const until = (type: string, from = 0): Promise<NatFrame> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = frames.slice(from).find((frame) => frame.type === type)
        if (found) resolve(found)
      }
      watchers.add(look)
      look()
    })
  return { socket, frames, until }
}
