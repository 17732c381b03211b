import { expect, test } from 'vitest'
import { questionDigest } from '../interaction/interactions.ts'
import type { Question } from '../protocol/interaction.ts'
import type { InteractionRow } from '../store/rows.ts'
import { type TestEntry, askedRow, callEntry } from '../testing/call-entry.ts'
import { CallContext } from './call-context.ts'
import type { ToolContext } from './tool.ts'

const name = { kind: 'text', text: 'What is your name?' } as const
const colour = { kind: 'text', text: 'Which colour?' } as const

test('a first question stops the call, at its place and with what it asks', async () => {
  const context = contextOf(callEntry())
  await expect(context.ask(name)).rejects.toMatchObject({ code: 'suspended' })
  expect(context.suspension).toEqual({ kind: 'question', place: 'ask:1', question: name })
})

test('an answered question gives its answer, and the next one stops the call at the next place', async () => {
  const context = contextOf(callEntry({ interactions: [answered(name, 'Ada')] }))
  expect(await context.ask(name)).toBe('Ada')
  await expect(context.ask(colour)).rejects.toMatchObject({ code: 'suspended' })
  expect(context.suspension).toMatchObject({ kind: 'question', place: 'ask:2', question: colour })
})

test('a question that is still open stops the call without asking twice', async () => {
  const context = contextOf(callEntry({ interactions: [answered(name, 'Ada', { state: 'pending', response: null })] }))
  await expect(context.ask(name)).rejects.toMatchObject({ code: 'suspended' })
  expect(context.suspension).toEqual({ kind: 'asked' })
})

test('another question at the same place is an error, not an answer', async () => {
  const context = contextOf(callEntry({ interactions: [answered(name, 'Ada')] }))
  await expect(context.ask(colour)).rejects.toMatchObject({ code: 'question_changed' })
  expect(context.suspension).toBeUndefined()
})

test("an answer is matched by its call: another call's answer at the same place is none", async () => {
  const context = contextOf(callEntry({ interactions: [answered(name, 'Mallory', { callId: 'call-2' })] }))
  await expect(context.ask(name)).rejects.toMatchObject({ code: 'suspended' })
})

test.each([
  ['declined', 'access_denied'],
  ['expired', 'expired'],
  ['cancelled', 'cancelled'],
  ['failed', 'cancelled'],
] as const)('a question that was %s is told to the tool as %s', async (state, code) => {
  const context = contextOf(callEntry({ interactions: [answered(name, '', { state, response: null })] }))
  await expect(context.ask(name)).rejects.toMatchObject({ code })
  expect(context.suspension).toBeUndefined()
})

test('a notification is told and stops nothing', async () => {
  const entry = callEntry()
  const context = contextOf(entry)
  expect(await context.ask({ kind: 'notification', text: 'Working.' })).toBeNull()
  expect(entry.notified).toEqual([{ place: 'ask:1', question: { kind: 'notification', text: 'Working.' } }])
})

test.each([
  ['a suspension', (context: CallContext) => context.ask(name).catch(() => undefined)],
  ['the end of the call', async (context: CallContext) => context.end()],
])('after %s, fetch, ask, step and progress throw, and the signal is aborted', async (_name, stop) => {
  const entry = callEntry()
  const context = contextOf(entry)
  await stop(context)
  const over = { code: 'suspended' }
  await expect(context.fetch('https://api.example')).rejects.toMatchObject(over)
  await expect(context.ask(colour)).rejects.toMatchObject(over)
  await expect(context.step('work', async () => 1)).rejects.toMatchObject(over)
  expect(() => context.progress('still here')).toThrow(expect.objectContaining(over))
  expect(context.signal.aborted).toBe(true)
  expect([entry.steps, entry.said]).toEqual([[], []])
})

test('of what one entry says on its way, the first thousand words are told, and the rest stops nothing', () => {
  const entry = callEntry()
  const context = contextOf(entry)
  for (let word = 1; word <= 1_500; word += 1) context.progress(`${word}`)
  expect(entry.said).toEqual(Array.from({ length: 1_000 }, (_, index) => `${index + 1}`))
})

test('the first suspension stays the one that counts', async () => {
  const context = contextOf(callEntry())
  await Promise.allSettled([context.ask(name), context.ask(colour)])
  expect(context.suspension).toMatchObject({ place: 'ask:1', question: name })
})

test('a step works once and gives the kept result in every later entry', async () => {
  const entry = callEntry()
  const first = contextOf(entry)
  expect(await first.step('draw', async () => 7)).toBe(7)
  expect(await first.step('draw', async () => 8)).toBe(7)
  const second = contextOf(callEntry({ steps: [...entry.steps] }))
  expect(await second.step('draw', async () => 9)).toBe(7)
  expect(entry.steps).toEqual([{ callId: 'call-1', name: 'draw', value: 7 }])
})

test('a step that fails is not kept', async () => {
  const entry = callEntry()
  const context = contextOf(entry)
  await expect(context.step('draw', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await context.step('draw', async () => 1)).toBe(1)
  expect(entry.steps).toHaveLength(1)
})

test('a step whose call stopped meanwhile keeps nothing', async () => {
  const entry = callEntry()
  const context = contextOf(entry)
  const work = async (): Promise<number> => {
    await context.ask(name).catch(() => undefined)
    return 1
  }
  await expect(context.step('draw', work)).rejects.toMatchObject({ code: 'suspended' })
  expect(entry.steps).toEqual([])
})

test('a step whose result could not be kept, because the run was lost, does not return it', async () => {
  const entry = callEntry()
  const losing = { ...entry, journal: { ...entry.journal, saveStep: async () => entry.lose(new Error('lost')) } }
  await expect(contextOf(losing).step('draw', async () => 1)).rejects.toThrow('lost')
})

test('when the run is lost, everything of the context throws', async () => {
  const entry = callEntry()
  const context = contextOf(entry)
  entry.lose(new Error('lost'))
  await expect(context.fetch('https://api.example')).rejects.toThrow('lost')
  await expect(context.ask(name)).rejects.toThrow('lost')
  expect(context.suspension).toBeUndefined()
})

test('tools may take the context apart', async () => {
  const entry = callEntry()
  // As a tool sees it.
  const context: ToolContext = contextOf(entry)
  const { ask, step, progress, fetch } = context
  progress('one')
  expect(await step('draw', async () => 7)).toBe(7)
  expect((await fetch('https://api.example')).status).toBe(204)
  await expect(ask(name)).rejects.toMatchObject({ code: 'suspended' })
  expect(entry.said).toEqual(['one'])
})

test('one fetch serves a whole entry, so that it can remember what went out', async () => {
  let made = 0
  const fetchFor = () => {
    made += 1
    return async () => new Response(null, { status: 204 })
  }
  const context = new CallContext(callEntry(), { fetchFor, redact: (value) => value })
  await context.fetch('https://api.example')
  await context.fetch('https://api.example')
  expect(made).toBe(1)
})

function contextOf(entry: Omit<TestEntry, 'steps'>): CallContext {
  return new CallContext(entry, { fetchFor: () => async () => new Response(null, { status: 204 }), redact: (value) => value })
}

function answered(question: Question, answer: string, parts: Partial<InteractionRow> = {}): InteractionRow {
  const digest = questionDigest(callEntry().runtime, question)
  return askedRow({ place: 'ask:1', question, digest, response: { action: 'accept', answer }, ...parts })
}
