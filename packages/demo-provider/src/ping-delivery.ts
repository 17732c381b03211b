import { pingAlias } from './client-metadata.ts'
import type { DemoClient } from './demo-clients.ts'
import type { DemoRuntime } from './runtime.ts'

/** What delivering pings takes. */
export interface PingDeliveryDeps {
  readonly clients: readonly DemoClient[]
  readonly fetch: DemoRuntime['fetch']
  readonly log: (line: string) => void
}

/**
 * The only way out of this provider: a ping to the address a client was registered with (CIBA §10.2), never one that a request names.
 * oidc-provider would refuse loopback addresses, so its guard is left out for exactly these. The ping goes on by itself: the decision is
 * saved before it, and a client that cannot be reached finds out by polling.
 */
export function pingDelivery({ clients, fetch, log }: PingDeliveryDeps): DemoRuntime['fetch'] {
  const endpoints = new Map(clients.map((client) => [pingAlias(client.clientId), client]))
  return async (input, init = {}) => {
    const client = endpoints.get(input instanceof Request ? input.url : input.toString())
    if (client?.pingEndpoint === undefined) throw new TypeError('this provider calls nobody but the ping endpoints of its clients')
    const { method, headers, body, signal } = init
    const ping = fetch(client.pingEndpoint, {
      redirect: 'manual',
      ...(method !== undefined && { method }),
      ...(headers !== undefined && { headers }),
      ...(body !== undefined && { body }),
      ...(signal !== undefined && { signal }),
    })
    void ping.then(
      (response) => log(`ping to "${client.clientId}" answered with ${response.status}`),
      () => log(`ping to "${client.clientId}" could not be delivered`),
    )
    return new Response(null, { status: 204 })
  }
}
