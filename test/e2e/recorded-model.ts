import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import type { Evidence } from './evidence.ts'

interface ChatRequest {
  readonly messages: readonly { readonly role: string; readonly content?: string | null }[]
}

/**
 * A model behind an OpenAI-compatible API that calls `who_am_i` and then repeats the tool's result. What it is sent is evidence.
 * @returns its entry for a workflow's `llms`
 */
export async function recordedModel(evidence: Evidence): Promise<object> {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    evidence.note('model input', body)
    // The boundary: what OpenAI's own client sends.
    const last = (JSON.parse(body) as ChatRequest).messages.at(-1)
    const call = { index: 0, id: 'call-1', type: 'function', function: { name: 'who_am_i', arguments: '{}' } }
    const isResult = last?.role === 'tool'
    const delta = isResult ? { content: `The tool says ${last.content ?? ''}` } : { tool_calls: [call] }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(chunk({ role: 'assistant', ...delta }, null))
    response.write(chunk({}, isResult ? 'stop' : 'tool_calls'))
    response.end('data: [DONE]\n\n')
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  return { _type: 'openai', model_name: 'recorded', base_url: `http://127.0.0.1:${port}/v1` }
}

function chunk(delta: object, finish: string | null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }]
  return `data: ${JSON.stringify({ id: 'r', object: 'chat.completion.chunk', created: 1, model: 'recorded', choices })}\n\n`
}
