import { AIMessage, HumanMessage, SystemMessage, ToolMessage } from '@langchain/core/messages'
import type { BaseMessage } from '@langchain/core/messages'
import type { JsonObject, JsonValue } from '../protocol/json.ts'
import type { CallResult, Message, RequestedCall } from '../protocol/message.ts'
import type { CallStatus } from '../protocol/run-event.ts'
import { contentText } from './content-text.ts'

/** A conversation in our words: LangChain's system messages have become the system prompt. */
export interface Conversation {
  readonly messages: readonly Message[]
  readonly systemPrompt?: string
}

/** Our messages as LangChain's. Call ids are kept; each result becomes one ToolMessage with its status. */
export function toLangChainMessages(messages: readonly Message[], systemPrompt?: string): BaseMessage[] {
  const system = systemPrompt === undefined || systemPrompt === '' ? [] : [new SystemMessage(systemPrompt)]
  return [...system, ...messages.flatMap(toLangChain)]
}

/** LangChain's messages as ours. Call ids are kept; neighbouring ToolMessages become one message of results. */
export function fromLangChainMessages(messages: readonly BaseMessage[]): Conversation {
  const converted: Message[] = []
  const system: string[] = []
  const toolOfCall = new Map<string, string>()
  let results: CallResult[] = []
  const closeResults = (): void => {
    if (results.length > 0) converted.push({ role: 'tool', results })
    results = []
  }
  for (const message of messages) {
    if (ToolMessage.isInstance(message)) {
      results.push(toResult(message, toolOfCall))
      continue
    }
    closeResults()
    const text = contentText(message.content)
    if (SystemMessage.isInstance(message)) system.push(text)
    else if (AIMessage.isInstance(message)) {
      const calls = toCalls(message)
      for (const call of calls) toolOfCall.set(call.id, call.tool)
      converted.push({ role: 'assistant', text, calls })
    } else converted.push({ role: 'user', text })
  }
  closeResults()
  return { messages: converted, ...(system.length > 0 && { systemPrompt: system.join('\n\n') }) }
}

function toLangChain(message: Message): BaseMessage[] {
  switch (message.role) {
    case 'user':
      return [new HumanMessage(message.text)]
    case 'assistant': {
      const calls = message.calls.map(({ id, tool, input }) => ({ id, name: tool, args: { ...input }, type: 'tool_call' as const }))
      return [new AIMessage({ content: message.text, tool_calls: calls })]
    }
    case 'tool':
      return message.results.map(toToolMessage)
  }
}

/** What a ToolMessage cannot say itself travels in its metadata, which no provider is sent. */
function toToolMessage(result: CallResult): ToolMessage {
  const isText = typeof result.output === 'string'
  return new ToolMessage({
    tool_call_id: result.callId,
    name: result.tool,
    content: isText ? result.output : JSON.stringify(result.output),
    status: result.status === 'ok' ? 'success' : 'error',
    metadata: { countersign_status: result.status, countersign_format: isText ? 'text' : 'json' },
  })
}

function toResult(message: ToolMessage, toolOfCall: ReadonlyMap<string, string>): CallResult {
  const callId = message.tool_call_id
  const text = contentText(message.content)
  const output = message.metadata?.countersign_format === 'text' ? text : parsedOr(text)
  return { callId, tool: message.name ?? toolOfCall.get(callId) ?? '', status: statusOf(message), output }
}

const statuses: readonly CallStatus[] = ['ok', 'refused', 'failed', 'cancelled']

function statusOf(message: ToolMessage): CallStatus {
  const kept = statuses.find((status) => status === message.metadata?.countersign_status)
  return kept ?? (message.status === 'error' ? 'failed' : 'ok')
}

function toCalls(message: AIMessage): readonly RequestedCall[] {
  const calls = message.tool_calls ?? []
  // Arguments of LangChain's calls were parsed from JSON.
  return calls.map((call, index) => ({ id: call.id ?? `call_${index}`, tool: call.name, input: call.args as JsonObject }))
}

/** LangChain's own tools write objects as JSON text; anything else is taken as it stands. */
function parsedOr(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return text // not JSON: plain text is a result too
  }
}
