import { expect, test, vi } from 'vitest'
import { keys } from './pseudo-terminal.ts'
import { terminalStage } from './terminal-stage.ts'

// Each starts the built command.
vi.setConfig({ testTimeout: 60_000 })

/** What our own drawing uses: colours, cursor and line orders of prompts and the changing line. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const ours = /\u001B\[(?:[\d;]*m|\d*[ABCDGJK]|\?25[lh]|\?7[lh])/g
const orders = /(?![\n\r\t])\p{Cc}|[\u200B\u202A-\u202E\u2066-\u2069\u{E0000}-\u{E007F}]/u

/** What would take effect in a terminal, besides what we draw. */
function foreignOrders(raw: string): string | undefined {
  return orders.exec(raw.replaceAll(ours, ''))?.[0]
}

test('no order in what a model says reaches the terminal, however it is cut into pieces', async () => {
  const { terminal } = await terminalStage()
  const seat = terminal(['--input', 'attack'])
  expect(await seat.code).toBe(0)
  expect(seat.text).toContain('ABCDEF\nGHIJK')
  expect(foreignOrders(seat.raw)).toBeUndefined()
  // Neither a colour nor a wiped screen of the model's: what we draw has none of them.
  // oxlint-disable-next-line no-control-regex -- as above
  expect(seat.raw).not.toMatch(/\u001B\[(?:31m|2J|1;1H)F?E?/)
})

test('an answer in a pipe is safe to be shown by whoever reads it, and so is JSON', async () => {
  const { piped } = await terminalStage()
  const { out } = await piped(['--input', 'attack'])
  expect(out).toContain('ABCDEF\nGHIJK')
  expect(orders.exec(out)).toBeNull()
  const { out: json } = await piped(['--json', '--input', 'attack'])
  expect(orders.exec(json)).toBeNull()
  const replies = json
    .trimEnd()
    .split('\n')
    .map((line): { event: { type: string; text?: string } } => JSON.parse(line))
  expect(replies.find(({ event }) => event.type === 'reply-end')?.event.text).toContain('\u001B]52;c;')
})

test('no order in arguments, progress, questions, options or failures reaches the terminal', async () => {
  const { terminal } = await terminalStage()
  const approval = terminal(['--input', 'delete'])
  await approval.sees('words: ')
  await approval.sees('Enter: confirm')
  // What is approved is laid open: the hidden part is to be read.
  expect(approval.text).toContain('u202e')
  expect(approval.text).toContain('52;c;cm0gLXJmIH4=')
  approval.type(keys.enter)
  await approval.code
  expect(foreignOrders(approval.raw)).toBeUndefined()
  const trick = terminal(['--input', 'trick'])
  await trick.sees('Which?')
  await trick.sees('Enter: confirm')
  trick.type(keys.enter)
  expect(await trick.code).toBe(0)
  expect(foreignOrders(trick.raw)).toBeUndefined()
  expect(trick.raw).not.toContain('\u001B[2J')
})
