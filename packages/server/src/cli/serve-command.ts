import type { Command } from 'commander'
import type { Override } from '../config/override.ts'
import { type LogLevel, pinoLog } from '../runtime/pino-log.ts'
import { serve } from '../serve.ts'
import { endOnCrash } from './end-on-crash.ts'
import { stopOnSignal } from './stop-on-signal.ts'
import { type FileFlags, loadWorkflowFile } from './workflow-file.ts'
import { writeWarnings } from './write-warnings.ts'

export interface ServeFlags extends FileFlags {
  readonly host?: string
  readonly port?: number
  readonly log_level?: LogLevel
}

/** `countersign serve`: loads the file, starts, says where it is, and stops on Ctrl-C. */
export async function serveCommand(flags: ServeFlags, command: Command): Promise<void> {
  const { config, warnings } = await loadWorkflowFile(command, flags, listenOverrides(flags))
  writeWarnings(warnings)
  endOnCrash()
  const level = flags.log_level ?? config.general.telemetry?.logging?.console?.level ?? 'info'
  const server = await serve(config, { log: pinoLog(level) })
  // Listens for signals before it says that it is there.
  const exitCode = stopOnSignal(() => server.stop())
  process.stdout.write(`countersign: ${server.publicOrigin}\n`)
  process.exit(await exitCode)
}

/** Where to listen, as the flags say it: they come before the file. */
export function listenOverrides({ host, port }: ServeFlags): readonly Override[] {
  return [
    ...(host === undefined ? [] : [{ path: 'general.front_end.host', value: host }]),
    ...(port === undefined ? [] : [{ path: 'general.front_end.port', value: String(port) }]),
  ]
}
