import type { Asking, AskingByKind } from '@countersign/core'
import { scriptedModel } from '@countersign/core/testing'
import { defineFunction, defineLlm, definePlugin, defineTool, z } from '@countersign/server'
import type { StageOptions } from './stage.ts'

type AnyAsking = { readonly [K in keyof AskingByKind]: Asking<K> }[keyof AskingByKind]

const colours = [
  { label: 'Red', value: 'red' },
  { label: 'Green', value: 'green' },
  { label: 'Blue, dark', value: 'blue' },
] as const
const [red, green] = colours

/** One question of every kind that a tool asks, each by a tool of that name; some of them once more, and for other tests. */
const questions = {
  text: { kind: 'text', text: 'What is your name?' },
  again: { kind: 'text', text: 'And your second name?' },
  notification: { kind: 'notification', text: 'The kitchen has been told.' },
  binary: { kind: 'binary_choice', text: 'Red or green?', options: [red, green] },
  radio: { kind: 'radio', text: 'Which colour?', options: colours },
  checkbox: { kind: 'checkbox', text: 'Which colours?', options: colours },
  dropdown: { kind: 'dropdown', text: 'Which of them?', options: colours },
  brief: { kind: 'text', text: 'Quick, your name?', timeoutSeconds: 1, expiredText: 'The table is gone.' },
} as const satisfies Readonly<Record<string, AnyAsking>>

/** Calls the tools that the person names, all at once; then it repeats what they gave. */
const obedient = defineLlm({
  type: 'obedient',
  config: z.strictObject({}),
  create: () =>
    scriptedModel((messages) => {
      const last = messages.at(-1)
      if (last?.role === 'tool') return [`Got ${JSON.stringify(last.results.map(({ output }) => output))}`]
      return last?.role === 'user' ? last.text.split(' ').map((call) => ({ call })) : []
    }),
})

const ask = defineFunction({
  type: 'ask',
  config: z.strictObject({ question: z.string() }),
  create: ({ question }, name) => {
    // The workflow names one of them.
    const asking: AnyAsking = questions[question as keyof typeof questions]
    return defineTool({ name, description: name, input: z.strictObject({}), execute: (_input, context) => context.ask(asking) })
  },
})

const pay = defineFunction({
  type: 'pay',
  config: z.strictObject({}),
  create: (_config, name) => defineTool({ name, description: name, input: z.strictObject({}), risk: 'high', execute: async () => 'paid' }),
})

/** A stage whose agent asks what the person tells it to ask. */
export const asking: StageOptions = {
  plugins: [definePlugin({ functions: [ask, pay], llms: [obedient] })],
  llm: { _type: 'obedient' },
  functions: {
    pay: { _type: 'pay' },
    ...Object.fromEntries(Object.keys(questions).map((question) => [question, { _type: 'ask', question }])),
  },
}
