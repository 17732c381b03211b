import type { DemoClient, DemoResource } from '@countersign/demo-provider'

/** Who may ask the authorization server of Staff0 for tokens. The secrets are none: they stand here, so that the demo runs by itself. */
export const CLIENTS = {
  /** The outside program that has a question. */
  questioner: {
    clientId: 'a2a-client',
    clientSecret: 'a2a-client-demo-secret',
    name: 'A client of the HR agent',
    authentication: 'client_secret_basic',
    grants: ['client_credentials'],
  },
  /** The agent, when it rings somebody's phone. */
  agent: {
    clientId: 'hr-agent',
    clientSecret: 'hr-agent-demo-secret',
    name: 'Staff0 HR Agent',
    authentication: 'client_secret_basic',
    grants: ['ciba'],
  },
  /** The agent, when it looks somebody up. */
  lookup: {
    clientId: 'hr-directory',
    clientSecret: 'hr-directory-demo-secret',
    name: 'Staff0 HR Agent at the directory',
    authentication: 'client_secret_basic',
    grants: ['client_credentials'],
  },
} as const satisfies Readonly<Record<string, DemoClient>>

/** What tokens can be for. */
export const RESOURCES = {
  agent: {
    id: 'https://staff0.example/agent',
    name: 'Staff0 HR Agent',
    scopes: { 'read:employee_status': 'Ask whether somebody is an employee' },
    clients: [CLIENTS.questioner.clientId],
  },
  directory: {
    id: 'https://staff0.example/directory',
    name: 'Staff0 directory',
    scopes: { 'read:users': 'Look up people by their email address' },
    clients: [CLIENTS.lookup.clientId],
  },
  hrApi: {
    id: 'https://staff0.example/hr-api',
    name: 'Staff0 HR API',
    scopes: { 'read:employee': 'Read your employment record' },
    clients: [CLIENTS.agent.clientId],
  },
} as const satisfies Readonly<Record<string, DemoResource>>
