import { type DemoProvider, startDemoProvider } from '@countersign/demo-provider'
import { type CountersignServer, loadConfig, pinoLog, serve, serverSchema } from '@countersign/server'

/** The provider and the server of an example. */
export interface Both {
  readonly provider: DemoProvider
  readonly server: CountersignServer
  stop(): Promise<void>
}

/** What an example is started with. */
export interface StartOptions {
  /** The workflow file. */
  readonly file: string
  readonly providerPort: number
  /** Of the workflow file, for other ports and folders. */
  readonly overrides?: readonly { readonly path: string; readonly value: string }[]
  readonly redirectUris?: readonly string[]
}

/** Starts both in this process. */
export async function startBoth({ file, providerPort, overrides = [], redirectUris }: StartOptions): Promise<Both> {
  const provider = await startDemoProvider({ port: providerPort, redirectUris })
  try {
    const { config } = await loadConfig({ file, schema: serverSchema(), overrides, environment: process.env })
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
