import type { CallResult, Message, Model, ModelEvent, ModelRequest } from '@countersign/core'
import { choose } from './router-choice.ts'
import type { Thresholds } from './router-choice.ts'
import { sayResult } from './router-answer.ts'
import type { AnswerTemplate } from './router-answer.ts'
import { nextStep } from './router-plan.ts'
import type { RouterPlan } from './router-plan.ts'

/** How the keyword router answers. */
export interface KeywordRouterOptions {
  readonly name?: string
  /** Tool → what to say with its result. Default: the result as plain text. */
  readonly answers?: Readonly<Record<string, AnswerTemplate>>
  readonly plans?: readonly RouterPlan[]
  readonly thresholds?: Partial<Thresholds>
}

/** Longer questions are read up to here: nobody asks a keyword router an essay. */
const maxQuestionLength = 2000

/**
 * Stands in for a language model where there is no key: chooses a tool by the words of the person's last message, reads its arguments
 * from that message alone, and says its result. Equal input gives equal output; it cannot write prose, and it says what it is.
 */
export function keywordRouter(options: KeywordRouterOptions = {}): Model {
  return {
    name: options.name ?? 'keyword_router',
    async *stream(request) {
      for (const event of reply(options, request)) {
        request.signal.throwIfAborted()
        yield event
      }
    },
  }
}

function* reply(options: KeywordRouterOptions, request: ModelRequest): Generator<ModelEvent> {
  const { question, results } = sinceQuestion(request.messages)
  const thresholds = { lexical: 0.25, total: 1.2, understood: 0.4, ...options.thresholds }
  const choice = choose(question, { tools: request.tools, plans: options.plans ?? [] }, thresholds)
  const isAnswering = request.messages.at(-1)?.role === 'tool'
  if (choice.type === 'plan' && isSoFar(choice.plan, results)) {
    const step = nextStep(choice.plan, { tools: request.tools, question, results })
    yield* step.type === 'call' ? [step] : words(step.text)
  } else if (isAnswering) yield* words(answer(options, request.messages))
  else if (choice.type === 'call') yield choice
  else if (choice.type !== 'plan') yield* words(choice.text)
}

/** The person's last message and the results that followed it. */
function sinceQuestion(messages: readonly Message[]): { readonly question: string; readonly results: readonly CallResult[] } {
  const at = messages.findLastIndex(({ role }) => role === 'user')
  const message = messages[at]
  return {
    question: message?.role === 'user' ? message.text.slice(0, maxQuestionLength) : '',
    results: messages.slice(at + 1).flatMap((later) => (later.role === 'tool' ? later.results : [])),
  }
}

/** Whether these are the results of the plan's own calls. */
function isSoFar(plan: RouterPlan, results: readonly CallResult[]): boolean {
  return results.length <= plan.calls.length && results.every(({ tool }, at) => tool === plan.calls[at]?.tool)
}

function answer(options: KeywordRouterOptions, messages: readonly Message[]): string {
  const last = messages.at(-1)
  const results = last?.role === 'tool' ? last.results : []
  return results.map((result) => sayResult(result, templateFor(options, result.tool))).join('\n\n')
}

function templateFor({ answers = {} }: KeywordRouterOptions, tool: string): AnswerTemplate | undefined {
  return Object.hasOwn(answers, tool) ? answers[tool] : undefined
}

/** Text a word at a time, as a language model would give it. A result may be long, and all of it space: no place is looked at twice. */
function* words(text: string): Generator<ModelEvent> {
  for (const [word] of text.matchAll(/(?<!\s)(?:\s*\S+(?:\s+$)?|\s+$)/g)) yield { type: 'text', text: word }
}
