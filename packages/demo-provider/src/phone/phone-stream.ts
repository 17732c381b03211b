import type { ServerResponse } from 'node:http'
import type { PhoneRequests } from './phone-requests.ts'

/** Server-sent events that say only that a person's list changed, once at the start and at each change. */
export function streamChanges(requests: PhoneRequests, accountId: string, response: ServerResponse): void {
  const tell = (): void => void response.write('event: change\ndata:\n\n')
  const unwatch = requests.watch(accountId, tell)
  if (unwatch === undefined) {
    response.writeHead(503).end()
    return
  }
  response.once('close', unwatch)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  tell()
}
