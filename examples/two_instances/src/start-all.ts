import { type DemoProvider, startDemoProvider } from '@countersign/demo-provider'
import { Started } from '@countersign/example-stage'
import { type Instance, startInstance } from './instance.ts'
import { type ProxyOptions, openProxy } from './proxy.ts'
import { roundRobin } from './round-robin.ts'
import { workflowFile } from './workflow-file.ts'

/** Where everything listens, where the servers keep what they share, and who is told of requests. */
export interface Places {
  readonly proxyPort: number
  readonly providerPort: number
  readonly instancePorts: readonly number[]
  readonly databaseUrl: string
  /** Default: beside the workflow file. */
  readonly keyFile?: string
  readonly onSent?: ProxyOptions['onSent']
}

/** The servers, the proxy before them, and the demo provider. */
export interface All {
  /** What people open: the proxy. */
  readonly origin: string
  readonly provider: DemoProvider
  readonly instances: readonly Instance[]
  stop(): Promise<void>
}

/** Starts one after another; what was started is stopped in turn when one fails. */
export async function startAll(places: Places): Promise<All> {
  const origin = `http://localhost:${places.proxyPort}`
  const started = new Started()
  try {
    const provider = await started.keep(startDemoProvider({ port: places.providerPort, redirectUris: [`${origin}/auth/redirect`] }))
    const instances: Instance[] = []
    // The first makes the tables and the keys; both at once would do as well.
    for (const [index, port] of places.instancePorts.entries())
      instances.push(await started.keep(startInstance({ ...instanceOptions(places, provider), name: `server ${index + 1}`, port })))
    await started.keep(openProxy({ port: places.proxyPort, targets: roundRobin(instances), onSent: places.onSent }))
    return { origin, provider, instances, stop: started.stop }
  } catch (error) {
    await started.stop()
    throw error
  }
}

function instanceOptions({ databaseUrl, keyFile, proxyPort }: Places, { issuer }: DemoProvider) {
  const overrides = {
    'general.front_end.public_url': `http://localhost:${proxyPort}`,
    'authentication.test_auth_provider.issuer': issuer,
    'functions.who_am_i_function.api_url': `${issuer}/api/me`,
    ...(keyFile !== undefined && { 'keys.file': keyFile }),
  }
  return { file: workflowFile, databaseUrl, overrides: Object.entries(overrides).flat() }
}
