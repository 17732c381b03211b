import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

/** What a token endpoint was told and what it answered: the secrets that nobody else may see. */
export interface TokenRecord {
  /** The address of the recorder, which passes everything on. */
  readonly url: string
  /** By name: `code`, `code_verifier`, `access_token` …; the values of all exchanges. */
  secrets(): ReadonlyMap<string, readonly string[]>
}

const secretNames = ['code', 'code_verifier', 'access_token', 'refresh_token', 'id_token', 'client_secret']

/**
 * Stands before a token endpoint and writes down what passes. Ends with the test.
 * @param tokenEndpoint `repeat`: there is none, and each request is answered with an error that repeats it
 */
export async function recordTokens(tokenEndpoint: string): Promise<TokenRecord> {
  const seen = new Map<string, string[]>()
  const keep = (name: string, value: unknown): void => {
    if (typeof value === 'string' && secretNames.includes(name)) seen.set(name, [...(seen.get(name) ?? []), value])
  }
  const passOn = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request)
    for (const [name, value] of new URLSearchParams(body)) keep(name, value)
    if (tokenEndpoint === 'repeat') {
      const error = { error: 'invalid_grant', error_description: body, code: new URLSearchParams(body).get('code') }
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(error))
      return
    }
    const { authorization, 'content-type': type = '', accept = '' } = request.headers
    const headers = { 'content-type': type, accept, ...(authorization !== undefined && { authorization }) }
    const answer = await fetch(tokenEndpoint, { method: request.method ?? 'POST', headers, body })
    const answered = await answer.text()
    const json: unknown = JSON.parse(answered)
    if (typeof json === 'object' && json !== null) for (const [name, value] of Object.entries(json)) keep(name, value)
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(answered)
  }
  const server = createServer((request, response) => void passOn(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/token`, secrets: () => seen }
}
