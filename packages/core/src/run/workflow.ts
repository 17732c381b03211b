import { z } from 'zod'
import type { AuthProvider } from '../auth/auth-provider.ts'
import { askBeforeHighRisk, type Policy } from '../policy/policy.ts'
import type { JsonObject } from '../protocol/json.ts'
import { digestJson } from '../runtime/digest.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Tool } from '../tool/tool.ts'
import type { Model, ToolDescription } from './model.ts'

/** A configured agent: a model, what it may call, and under whose rules. */
export interface Workflow {
  readonly name: string
  readonly model: Model
  readonly systemPrompt?: string
  readonly tools: ReadonlyMap<string, Tool>
  readonly toolDescriptions: readonly ToolDescription[]
  readonly toolDigests: Readonly<Record<string, string>>
  readonly providers: ReadonlyMap<string, AuthProvider>
  readonly policy: Policy
  /** How many messages of the conversation the model sees. */
  readonly maxHistory: number
  /** How many replies one run may take, a bound against loops. */
  readonly maxTurns: number
}

/** What a workflow is made of; the rest has defaults. */
export interface WorkflowParts {
  readonly name: string
  readonly model: Model
  readonly systemPrompt?: string
  readonly tools?: readonly Tool[]
  readonly providers?: ReadonlyMap<string, AuthProvider>
  readonly policy?: Policy
  /** Default 30. */
  readonly maxHistory?: number
  /** Default 15. */
  readonly maxTurns?: number
}

/** Puts a workflow together; the tools' schemas are written out and digested once. */
export function defineWorkflow(parts: WorkflowParts, runtime: Pick<Runtime, 'sha256'>): Workflow {
  const tools = parts.tools ?? []
  const toolDescriptions = tools.map(describe)
  return {
    name: parts.name,
    model: parts.model,
    ...(parts.systemPrompt !== undefined && { systemPrompt: parts.systemPrompt }),
    tools: new Map(tools.map((tool) => [tool.name, tool])),
    toolDescriptions,
    toolDigests: Object.fromEntries(toolDescriptions.map((tool) => [tool.name, digestJson(runtime, tool.inputSchema)])),
    providers: parts.providers ?? new Map(),
    policy: parts.policy ?? askBeforeHighRisk,
    maxHistory: parts.maxHistory ?? 30,
    maxTurns: parts.maxTurns ?? 15,
  }
}

function describe(tool: Tool): ToolDescription {
  // zod types its JSON Schema loosely; it is JSON by its definition.
  const inputSchema = z.toJSONSchema(tool.input, { io: 'input' }) as unknown as JsonObject
  return { name: tool.name, description: tool.description, inputSchema, ...(tool.examples && { examples: tool.examples }) }
}
