import type { Command } from 'commander'
import { a2aProblem, a2aSchema } from '../config/a2a-schema.ts'
import type { ServerConfig } from '../config/build.ts'
import { invalidConfig, type Problem } from '../config/problem.ts'
import { pinoLog } from '../runtime/pino-log.ts'
import { serve } from '../serve.ts'
import { CARD_PATH } from '../transports/a2a/paths.ts'
import { endOnCrash } from './end-on-crash.ts'
import { listenOverrides, type ServeFlags } from './serve-command.ts'
import { stopOnSignal } from './stop-on-signal.ts'
import { loadWorkflowFile } from './workflow-file.ts'
import { writeWarnings } from './write-warnings.ts'

const PATH = 'general.front_end.a2a'

/** `countersign a2a`: serves the workflow to other programs alone, says where its card is, and stops on Ctrl-C. */
export async function a2aCommand(flags: ServeFlags, command: Command): Promise<void> {
  const { config: read, warnings } = await loadWorkflowFile(command, flags, listenOverrides(flags))
  const config = asAgent(read)
  writeWarnings([...warnings, ...openToAll(config)])
  endOnCrash()
  const level = flags.log_level ?? config.general.telemetry?.logging?.console?.level ?? 'info'
  const server = await serve(config, { log: pinoLog(level), front: 'a2a' })
  // Listens for signals before it says that it is there.
  const exitCode = stopOnSignal(() => server.stop())
  process.stdout.write(`countersign: ${server.publicOrigin}${CARD_PATH}\n`)
  process.exit(await exitCode)
}

/** Any workflow is an agent, whether its file says so or not. @throws CountersignError `invalid_config` where it would be open to everybody */
function asAgent(config: ServerConfig): ServerConfig {
  const frontEnd = { ...config.general.front_end, a2a: config.general.front_end.a2a ?? a2aSchema.parse({}) }
  const sentence = a2aProblem(frontEnd)
  if (sentence !== undefined) throw invalidConfig([{ path: PATH, sentence }])
  return { ...config, general: { ...config.general, front_end: frontEnd } }
}

function openToAll({ general }: ServerConfig): readonly Problem[] {
  if (general.front_end.a2a?.server_auth) return []
  return [{ path: PATH, sentence: 'there is no "server_auth": every program on this computer may ask, and all of them are one client' }]
}
