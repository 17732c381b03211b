import { CountersignError } from '@countersign/core'
import { serverSchema } from '../config/build.ts'
import { loadConfig } from '../config/load-config.ts'
import type { Override } from '../config/override.ts'
import { formatProblem } from '../config/problem.ts'
import { type LogLevel, pinoLog } from '../runtime/pino-log.ts'
import { serve } from '../serve.ts'
import { stopOnSignal } from './stop-on-signal.ts'

export interface ServeFlags {
  readonly config_file?: string
  readonly config?: string
  readonly host?: string
  readonly port?: number
  readonly override: readonly string[]
  readonly log_level: LogLevel
}

/** `countersign serve`: loads the file, starts, says where it is, and stops on Ctrl-C. */
export async function serveCommand(file: string, flags: ServeFlags): Promise<void> {
  const { config, warnings } = await loadConfig({
    file,
    schema: await serverSchema(),
    overrides: overridesOf(flags),
    environment: process.env,
  })
  for (const warning of warnings) process.stderr.write(`warning: ${formatProblem(warning)}\n`)
  const server = await serve(config, { log: pinoLog(flags.log_level) })
  // Listens for signals before it says that it is there.
  const exitCode = stopOnSignal(() => server.stop())
  process.stdout.write(`countersign: ${server.publicOrigin}\n`)
  process.exit(await exitCode)
}

function overridesOf({ override, host, port }: ServeFlags): readonly Override[] {
  if (override.length % 2 !== 0)
    throw new CountersignError('invalid_config', '--override takes a path and a value: --override llms.demo._type keyword_router')
  const given = Array.from({ length: override.length / 2 }, (_, index) => ({
    path: override[index * 2] ?? '',
    value: override[index * 2 + 1] ?? '',
  }))
  return [
    ...given,
    ...(host === undefined ? [] : [{ path: 'general.front_end.host', value: host }]),
    ...(port === undefined ? [] : [{ path: 'general.front_end.port', value: String(port) }]),
  ]
}
