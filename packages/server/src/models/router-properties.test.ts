import type { Message, ModelEvent, ToolDescription } from '@countersign/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keywordRouter } from './keyword-router.ts'
import type { KeywordRouterOptions } from './keyword-router.ts'

function tool(
  name: string,
  description: string,
  properties: Readonly<Record<string, { readonly type: string; readonly format?: string }>>,
): ToolDescription {
  return { name, description, inputSchema: { type: 'object', properties, required: Object.keys(properties) } }
}

const hr = [
  tool('who_am_i', 'Returns the account the person is logged in with.', {}),
  tool('transfer_money', 'Sends money to a person.', { amount: { type: 'number' }, recipient: { type: 'string' } }),
  tool('find_employee', 'Looks up an employee by e-mail address.', { email: { type: 'string', format: 'email' } }),
  tool('open_file', 'Opens a file and searches it.', { path: { type: 'string' }, query: { type: 'string' } }),
]
const employment: KeywordRouterOptions = {
  plans: [{ name: 'employment_check', description: 'Whether somebody is employed.', calls: [{ tool: 'find_employee' }], answer: '{name}' }],
}

async function collect(messages: readonly Message[], options: KeywordRouterOptions = {}, tools = hr): Promise<ModelEvent[]> {
  const events: ModelEvent[] = []
  for await (const event of keywordRouter(options).stream({ messages, tools, signal: new AbortController().signal })) events.push(event)
  return events
}

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(
      fc.constantFrom(
        'transfer',
        '50',
        '€',
        'to',
        'Bob',
        'who',
        'am',
        'I',
        'ada@example.com',
        '"hi"',
        'not',
        'balance',
        '-',
        '.',
        '/x/y',
        'E42',
        '2026-11-24',
      ),
    )
    .map((words) => words.join(' ')),
)

test('the output depends on nothing but the input', async () => {
  const shared = keywordRouter(employment)
  await fc.assert(
    fc.asyncProperty(fc.array(texts, { minLength: 2, maxLength: 4 }), async (questions) => {
      for (const text of questions) {
        const messages: Message[] = [{ role: 'user', text }]
        const first: ModelEvent[] = []
        for await (const event of shared.stream({ messages, tools: hr, signal: new AbortController().signal })) first.push(event)
        expect(await collect(messages, employment, hr)).toEqual(first)
      }
    }),
  )
})

test('every argument stands in the question', async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      const [event] = await collect([{ role: 'user', text }])
      const values = event?.type === 'call' ? Object.values(event.input) : []
      const invented = values.filter((value) =>
        typeof value === 'string' ? !text.toLowerCase().includes(value.toLowerCase()) : !/\d/.test(text),
      )
      expect(invented).toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('long hostile input takes no time', async () => {
  for (const text of [
    'a'.repeat(100_000),
    '1,'.repeat(50_000),
    '/a'.repeat(50_000),
    '"'.repeat(100_000),
    'transfer to '.repeat(10_000),
    'a@'.repeat(50_000),
    'search for '.repeat(9000),
  ]) {
    const start = performance.now()
    await collect([{ role: 'user', text }])
    expect(performance.now() - start).toBeLessThan(200)
  }
})
