import { expect } from 'vitest'
import { catchCallback } from './person.ts'
import { signInRows } from './rows.ts'
import type { Comer, Scene } from './who-is-asked-scenes.ts'
import type { Rights } from './who-is-asked.ts'

/** Well-formed, and of nothing. */
const UNKNOWN = 'AAAAAAAAAAAAAAAAAAAAAA'

/** Tries all that the comer could do. What it may not do changes nothing, and it is told what everybody is told of what does not exist. */
export async function rightsOf(scene: Scene): Promise<Rights> {
  const answer = await tryToAnswer(scene)
  if (answer) await scene.asker.ask()
  return { answer, see: await tryToSee(scene), open: await tryToOpen(scene), finish: await tryToFinish(scene) }
}

async function tryToAnswer({ store, comer }: Scene): Promise<boolean> {
  const { id, conversationId } = await openQuestion(store)
  const before = await signInRows(store)
  const refusal = await answersTo(comer, conversationId, id)
  const { state } = (await signInRows(store)).interactions.find((row) => row.id === id) ?? {}
  if (refusal.length === 0) {
    expect(state).toBe('declined')
    return true
  }
  expect(refusal).toEqual(await answersTo(comer, conversationId, UNKNOWN))
  expect(await signInRows(store)).toEqual(before)
  return false
}

async function tryToSee({ store, comer }: Scene): Promise<boolean> {
  const { id, conversationId } = await openQuestion(store)
  const told = await knock(comer, conversationId)
  if (told.some((frame) => frame.includes(id))) return true
  expect(told).toEqual(await knock(comer, UNKNOWN))
  return false
}

async function tryToOpen({ store, stage, comer }: Scene): Promise<boolean> {
  const { id } = await openQuestion(store)
  const before = await signInRows(store)
  const found = await visit(comer, `/auth/start/${id}`)
  if (found.url.startsWith(stage.provider.issuer)) return true
  expect(found).toEqual({ ...(await visit(comer, `/auth/start/${UNKNOWN}`)), url: `${comer.origin}/auth/start/${id}` })
  expect(found.status).toBe(403)
  expect(await signInRows(store)).toEqual(before)
  return false
}

/** The asking browser opens the sign-in, and goes all the way but the last step. */
async function tryToFinish({ store, stage, asker, comer }: Scene): Promise<boolean> {
  const { id } = await openQuestion(store)
  const redeemed = stage.provider.tokenRequests()
  const popup = await asker.context.newPage()
  await popup.goto(`${stage.origin}/auth/start/${id}`)
  const callback = new URL(await catchCallback(popup))
  const before = await signInRows(store)
  const found = await visit(comer, callback.pathname + callback.search)
  if (found.status !== 200) {
    expect([found.status, await signInRows(store), stage.provider.tokenRequests()]).toEqual([403, before, redeemed])
    // Nothing was harmed: who opened it finishes it.
    expect((await (await asker.context.newPage()).goto(callback.href))?.status()).toBe(200)
  }
  expect((await openQuestions(store)).length).toBe(0)
  expect(stage.provider.tokenRequests()).toBe(redeemed + 1)
  return found.status === 200
}

/** What the comer is told of a question of that id, in a frame and on a page, and of one that does not exist. */
export async function toldOf({ store, comer }: Scene, id: string) {
  const { conversationId } = await openQuestion(store)
  const told = async (name: string) => {
    const { status, text } = await visit(comer, `/auth/start/${encodeURIComponent(name)}`)
    return { status, text, frames: await answersTo(comer, conversationId, name) }
  }
  return { told: await told(id), unknown: await told(UNKNOWN) }
}

async function openQuestions(store: Scene['store']) {
  return (await signInRows(store)).interactions.filter(({ state }) => state === 'pending')
}

async function openQuestion(store: Scene['store']) {
  const [question] = await openQuestions(store)
  if (!question) throw new Error('no question is open')
  return question
}

async function visit({ page, origin, prepare }: Comer, path: string) {
  await prepare?.()
  const tab = await page.context().newPage()
  const response = await tab.goto(origin + path)
  const found = { status: response?.status(), url: tab.url(), text: await tab.locator('body').innerText() }
  await tab.close()
  return found
}

/** What an answer to a question gets: nothing, or errors. */
async function answersTo(comer: Comer, conversationId: string, id: string): Promise<readonly string[]> {
  const frame = { type: 'user_interaction_message', id: 'answer-1', conversation_id: conversationId, thread_id: id, action: 'decline' }
  const told = await knock(comer, conversationId, frame)
  return told.filter((text) => text.includes('"error_message"'))
}

/** Opens a socket for the conversation, sends the frame, and waits until it was taken. @returns what came, without what is never twice the same */
async function knock({ page, socket, prepare }: Comer, conversationId: string, frame?: object): Promise<readonly string[]> {
  await prepare?.()
  const opening = socket(conversationId)
  const frames = [...(frame ? [JSON.stringify(frame)] : []), JSON.stringify({ type: 'cancel_message', conversation_id: 'nothing-is-here' })]
  const came = await page.evaluate(talk, { ...opening, frames })
  return came.map((text) => {
    const { id: _id, timestamp: _timestamp, ...rest } = JSON.parse(text) as Readonly<Record<string, unknown>>
    return JSON.stringify({ ...rest, ...(rest['type'] === 'system_interaction_message' && { id: _id }) }).replaceAll(
      conversationId,
      '<conversation>',
    )
  })
}

/** Runs in the page. Frames are taken one after another, so what comes before the answer to the last is all there is. */
function talk({ url, protocols, frames }: { url: string; protocols: string[]; frames: string[] }): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const came: string[] = []
    const socket = new WebSocket(url, protocols)
    socket.addEventListener('open', () => {
      for (const frame of frames) socket.send(frame)
    })
    socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
      if (!data.includes('There is nothing to stop.')) return void came.push(data)
      socket.close()
      resolve(came)
    })
    socket.addEventListener('error', () => reject(new Error('the socket was refused')))
  })
}
