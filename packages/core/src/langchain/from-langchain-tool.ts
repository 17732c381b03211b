import type { StructuredToolInterface } from '@langchain/core/tools'
import { toJsonSchema } from '@langchain/core/utils/json_schema'
import { z } from 'zod'
import { CountersignError } from '../errors.ts'
import type { JsonValue } from '../protocol/json.ts'
import type { Tool, ToolContext } from '../tool/tool.ts'
import { contentText } from './content-text.ts'

/** What LangChain's tools cannot say about themselves. */
export type LangChainToolOptions = Pick<Tool, 'auth' | 'risk' | 'idempotent' | 'examples'>

/**
 * A LangChain tool as ours. Its code finds our context (authorized `fetch`, `ask`, `step`) by `toolContextOf(config)`.
 * @throws CountersignError `invalid_config` when its schema cannot be said in JSON Schema
 */
export function fromLangChainTool(tool: StructuredToolInterface, options: LangChainToolOptions = {}): Tool {
  return {
    ...options,
    name: tool.name,
    description: tool.description,
    input: inputOf(tool),
    async execute(input, context) {
      const config = {
        signal: context.signal,
        configurable: { thread_id: context.conversationId, [contextKey]: context },
      }
      const output: unknown = await tool.invoke(input, config)
      return toJson(tool.name, output)
    },
  }
}

/**
 * Our context inside a LangChain tool's own code, from its second argument.
 * @throws CountersignError `forbidden` outside a call that Countersign runs
 */
export function toolContextOf(config: { readonly configurable?: Readonly<Record<string, unknown>> | undefined }): ToolContext {
  const context = config.configurable?.[contextKey]
  if (context === undefined)
    throw new CountersignError('forbidden', 'this tool was called without Countersign, so nothing is granted to it')
  return context as ToolContext // put there by `execute` above
}

const contextKey = 'countersign_context'

/**
 * The arguments as the model writes them. LangChain parses with the tool's own schema afterwards, so transforming schemas must not be
 * applied here as well: we check their JSON Schema.
 */
function inputOf(tool: StructuredToolInterface): Tool['input'] {
  try {
    const schema = toJsonSchema(tool.schema, { io: 'input' })
    return z.fromJSONSchema(schema)
  } catch (cause) {
    throw new CountersignError('invalid_config', `the arguments of LangChain tool "${tool.name}" cannot be said in JSON Schema`, { cause })
  }
}

function toJson(name: string, output: unknown): JsonValue {
  if (output === undefined) return null
  if (isMessage(output)) return contentText(output.content)
  try {
    const text: unknown = JSON.stringify(output)
    return typeof text === 'string' ? (JSON.parse(text) as JsonValue) : null
  } catch (cause) {
    throw new CountersignError('tool_failed', `LangChain tool "${name}" returned something that is not JSON`, { cause })
  }
}

/** A tool may answer with a whole ToolMessage. */
function isMessage(output: unknown): output is { readonly content: unknown } {
  return typeof output === 'object' && output !== null && 'lc_direct_tool_output' in output && 'content' in output
}
