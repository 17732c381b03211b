import { once } from 'node:events'
import { type IncomingMessage, request as httpRequest } from 'node:http'
import { text } from 'node:stream/consumers'

/** An answer, without what differs from one to the next: its date. */
export interface RawAnswer {
  readonly status: number
  readonly headers: object
  readonly body: string
}

/** Asks for an address as it stands: `fetch` would tidy its path and query. */
export async function rawGet(address: string, cookie: string): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(address)
  const path = address.slice(address.indexOf(host) + host.length)
  const request = httpRequest({ hostname, port, path, headers: { host, cookie, accept: 'text/html' } }).end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const { date: _date, ...headers } = response.headers
  return { status: response.statusCode ?? 0, headers, body: await text(response) }
}
