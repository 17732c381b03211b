import type { CallResult, JsonObject, JsonValue, ToolDescription } from '@countersign/core'
import { valueAt } from './json-pointer.ts'
import { fillTemplate, parsedOutput, sayFailure } from './router-answer.ts'
import type { AnswerTemplate } from './router-answer.ts'
import { findArguments } from './router-arguments.ts'
import type { FoundArguments } from './router-arguments.ts'

/** Ordered calls for one kind of question. A plan is chosen like a tool. */
export interface RouterPlan {
  readonly name: string
  readonly description: string
  readonly examples?: readonly string[] | undefined
  readonly calls: readonly PlannedCall[]
  /** Said when all calls have succeeded. */
  readonly answer: AnswerTemplate
}

/** One call of a plan. */
export interface PlannedCall {
  readonly tool: string
  /**
   * Arguments from earlier results: parameter → JSON pointer into the list of results, such as `/0/employee/id`. All others are read from
   * the person's words.
   */
  readonly arguments?: Readonly<Record<string, string>> | undefined
  /** Said instead of this call when no result holds its arguments. */
  readonly otherwise?: AnswerTemplate | undefined
}

/** How a plan goes on: with a call, or with the words that end it. */
export type PlanStep =
  | { readonly type: 'call'; readonly tool: string; readonly input: JsonObject }
  | { readonly type: 'text'; readonly text: string }

/** What a question says for all calls of a plan together; undefined when a tool of the plan is not there. */
export function planArguments(plan: RouterPlan, tools: readonly ToolDescription[], question: string): FoundArguments | undefined {
  const found: FoundArguments[] = []
  for (const call of plan.calls) {
    const tool = tools.find(({ name }) => name === call.tool)
    if (tool === undefined) return undefined
    found.push(findArguments(tool.inputSchema, question, Object.keys(call.arguments ?? {})))
  }
  return {
    input: {},
    byType: Math.max(0, ...found.map(({ byType }) => byType)),
    missing: [...new Set(found.flatMap(({ missing }) => missing))],
    words: new Set(found.flatMap(({ words }) => [...words])),
  }
}

/** The words a plan is known by, besides its own: its tools' parameters. */
export function planSchema(plan: RouterPlan, tools: readonly ToolDescription[]): JsonObject {
  const properties = plan.calls.map((call) => {
    const schema = tools.find(({ name }) => name === call.tool)?.inputSchema['properties']
    return typeof schema === 'object' && schema !== null ? schema : {}
  })
  return { type: 'object', properties: Object.assign({}, ...properties) as JsonObject }
}

/** What a plan is continued from. */
export interface PlanState {
  readonly tools: readonly ToolDescription[]
  readonly question: string
  readonly results: readonly CallResult[]
}

/** The next step of a plan, after the results it has so far. */
export function nextStep(plan: RouterPlan, { tools, question, results }: PlanState): PlanStep {
  const failed = results.find(({ status }) => status !== 'ok')
  if (failed !== undefined) return { type: 'text', text: sayFailure(failed) }
  const outputs = results.map(({ output }) => parsedOutput(output))
  const call = plan.calls[results.length]
  return call === undefined ? said(plan.answer, outputs) : plannedCall(plan, call, { tools, question, outputs })
}

function said(template: AnswerTemplate, outputs: readonly JsonValue[]): PlanStep {
  const filled = fillTemplate(template, outputs)
  return { type: 'text', text: 'text' in filled ? filled.text : `I cannot answer that: no result says "${filled.missing}".` }
}

interface Known {
  readonly tools: readonly ToolDescription[]
  readonly question: string
  readonly outputs: readonly JsonValue[]
}

function plannedCall(plan: RouterPlan, call: PlannedCall, { tools, question, outputs }: Known): PlanStep {
  const pointed: Record<string, JsonValue> = {}
  for (const [key, pointer] of Object.entries(call.arguments ?? {})) {
    const value = valueAt(outputs, pointer)
    if (value === undefined || value === null)
      return said(call.otherwise ?? `I cannot go on with "${spoken(plan.name)}": no result says the ${spoken(key)}.`, outputs)
    pointed[key] = value
  }
  const schema = tools.find(({ name }) => name === call.tool)?.inputSchema
  if (schema === undefined) return { type: 'text', text: `I cannot go on with "${spoken(plan.name)}": "${call.tool}" is not there.` }
  return { type: 'call', tool: call.tool, input: { ...findArguments(schema, question, Object.keys(pointed)).input, ...pointed } }
}

/** A name as it is said to a person. */
export function spoken(name: string): string {
  return name.replaceAll(/[_-]+/g, ' ').trim()
}
