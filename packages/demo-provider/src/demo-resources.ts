import type { ResourceServer } from 'oidc-provider'
import { HEADLESS_CLIENTS, DEMO_CLIENTS } from './demo-clients.ts'

/** An API whose tokens this provider issues (RFC 8707). */
export interface DemoResource {
  /** The resource indicator, and the audience of its tokens. */
  readonly id: string
  /** What the pages call it. */
  readonly name: string
  /** Its scopes, each in the words a person is asked with. */
  readonly scopes: Readonly<Record<string, string>>
  /** Who may have tokens for it, by client id. */
  readonly clients: readonly string[]
  /** Default: as long as any access token. */
  readonly accessTokenTtlSeconds?: number | undefined
}

/** The APIs known here. */
export class DemoResources {
  readonly list: readonly DemoResource[]

  constructor(list: readonly DemoResource[]) {
    this.list = list
  }

  find(id: string): DemoResource | undefined {
    return this.list.find((resource) => resource.id === id)
  }

  /** The API as this client may use it; to a client that may not, it looks unknown. */
  forClient(id: string, clientId: string): DemoResource | undefined {
    const resource = this.find(id)
    return resource?.clients.includes(clientId) === true ? resource : undefined
  }
}

/** Where the provider serves an API of its own, below its issuer. */
const REPORTS_PATH = '/api/reports'

/** The provider's own API, open to every seeded client. */
export function reportsResource(issuer: string): DemoResource {
  return {
    id: `${issuer}${REPORTS_PATH}`,
    name: 'Reports',
    scopes: { 'read:reports': 'Read the reports', 'write:reports': 'Write and change reports' },
    clients: [...Object.values(DEMO_CLIENTS), ...Object.values(HEADLESS_CLIENTS)].map(({ clientId }) => clientId),
  }
}

/** The API as oidc-provider describes it: its tokens are `at+jwt` (RFC 9068). */
export function resourceServerOf(resource: DemoResource, defaultTtlSeconds: number): ResourceServer {
  return {
    scope: Object.keys(resource.scopes).join(' '),
    audience: resource.id,
    accessTokenFormat: 'jwt',
    accessTokenTTL: resource.accessTokenTtlSeconds ?? defaultTtlSeconds,
    jwt: { sign: { alg: 'RS256' } },
  }
}
