import { DynamicStructuredTool } from '@langchain/core/tools'
import type { ToolRunnableConfig } from '@langchain/core/tools'
import { z } from 'zod'
import type { Tool } from '../tool/tool.ts'

/** How a host runs a call of one of our tools inside LangChain: by its gate. The text is what the model is told. */
export type HostCall<I = unknown> = (tool: Tool<I>, input: unknown, config: ToolRunnableConfig) => Promise<string>

/**
 * Our tool as LangChain's: name, description and schema are the tool's, the work is the host's.
 * LangChain checks the arguments against the JSON Schema only, so `call` gets them as the model wrote them and parses them itself.
 */
export function toLangChainTool<I>(tool: Tool<I>, call: HostCall<I>): DynamicStructuredTool {
  const { $schema: _, ...schema } = z.toJSONSchema(tool.input, { io: 'input' })
  return new DynamicStructuredTool({
    name: tool.name,
    description: tool.description,
    // LangChain's type of a JSON Schema is narrower than zod's, not its content.
    schema: schema as DynamicStructuredTool['schema'],
    metadata: { examples: tool.examples ?? [] },
    func: (input, _runManager, config) => call(tool, input, config ?? {}),
  })
}
