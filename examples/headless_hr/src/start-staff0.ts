import type { DemoProvider, DemoProviderOptions } from '@countersign/demo-provider'
import { Started } from '@countersign/example-stage'
import { startAuthorizationServer } from './authorization-server.ts'
import { directoryApi } from './directory-api.ts'
import { hrApi } from './hr-api.ts'
import { readEmployees, readPeople } from './records.ts'
import { CLIENTS, RESOURCES } from './registrations.ts'
import { serveApi } from './serve-api.ts'

/** Where the servers of Staff0 listen; 0 takes a free port. */
export interface Ports {
  readonly provider: number
  readonly hrApi: number
  readonly directory: number
}

/** What stands around the agent: the authorization server with its phones, the directory and the HR API. */
export interface Staff0 {
  readonly provider: DemoProvider
  readonly directoryUrl: string
  readonly hrApiUrl: string
  /** Where the agent's workflow file says something else. */
  readonly overrides: readonly { readonly path: string; readonly value: string }[]
  /** The agent's secrets. */
  readonly environment: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** Starts one after another; what was started is stopped in turn when one fails. */
export async function startStaff0(ports: Ports, options: Omit<DemoProviderOptions, 'port'> = {}): Promise<Staff0> {
  const started = new Started()
  try {
    const provider = await started.keep(startAuthorizationServer({ ...options, port: ports.provider }))
    const { issuer } = provider
    const directory = await started.keep(
      serveApi(directoryApi(readPeople(), { issuer, audience: RESOURCES.directory.id }), ports.directory),
    )
    const hr = await started.keep(serveApi(hrApi(readEmployees(), { issuer, audience: RESOURCES.hrApi.id }), ports.hrApi))
    return {
      provider,
      directoryUrl: directory.url,
      hrApiUrl: hr.url,
      overrides: overridesOf(issuer, directory.url, hr.url),
      environment,
      stop: started.stop,
    }
  } catch (error) {
    await started.stop()
    throw error
  }
}

const environment = {
  HR_AGENT_CLIENT_SECRET: CLIENTS.agent.clientSecret,
  HR_DIRECTORY_CLIENT_SECRET: CLIENTS.lookup.clientSecret,
}

function overridesOf(issuer: string, directoryUrl: string, hrApiUrl: string): Staff0['overrides'] {
  return Object.entries({
    'general.front_end.a2a.server_auth.issuer_url': issuer,
    'authentication.directory.issuer': issuer,
    'authentication.employee_phone.issuer': issuer,
    'functions.get_employee_id_by_email.api_url': directoryUrl,
    'functions.is_active_employee.api_url': hrApiUrl,
  }).map(([path, value]) => ({ path, value }))
}
