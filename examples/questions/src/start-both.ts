import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DemoProvider, startDemoProvider } from '@countersign/demo-provider'
import { type CountersignServer, loadConfig, pinoLog, serve, serverSchema } from '@countersign/server'

/** The provider and the server of this example. */
export interface Both {
  readonly provider: DemoProvider
  readonly server: CountersignServer
  stop(): Promise<void>
}

/** The workflow file of this example. */
const configFile = join(dirname(dirname(fileURLToPath(import.meta.url))), 'config.yml')

/** Starts both in this process. @param overrides of the workflow file, for other ports and folders */
export async function startBoth(options: {
  providerPort: number
  overrides?: readonly { path: string; value: string }[]
  redirectUris?: readonly string[]
}): Promise<Both> {
  const { providerPort, overrides = [], redirectUris } = options
  const provider = await startDemoProvider({ port: providerPort, ...(redirectUris && { redirectUris: [...redirectUris] }) })
  try {
    const { config } = await loadConfig({ file: configFile, schema: serverSchema(), overrides, environment: process.env })
    const server = await serve(config, { log: pinoLog('warn') })
    return {
      provider,
      server,
      async stop() {
        await server.stop()
        await provider.stop()
      },
    }
  } catch (error) {
    await provider.stop()
    throw error
  }
}
