import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An OpenAI-compatible endpoint on this computer that answers every question at once, with one word. */
export interface FakeOpenAi {
  /** What `base_url` must be. */
  readonly baseUrl: string
  stop(): void
}

/** Starts it on a free port. */
export async function startFakeOpenAi(): Promise<FakeOpenAi> {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const chunk = { id: 'c', object: 'chat.completion.chunk', created: 0, model: 'fake' }
    const said = { ...chunk, choices: [{ index: 0, delta: { role: 'assistant', content: 'Hello.' }, finish_reason: null }] }
    const end = { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }
    response.end(`data: ${JSON.stringify(said)}\n\ndata: ${JSON.stringify(end)}\n\ndata: [DONE]\n\n`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
