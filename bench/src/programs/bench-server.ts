/** The workflow server as `countersign serve` starts it, with parts that a plugin brings. */
import { writeFileSync } from 'node:fs'
import { loadConfig, pinoLog, serve, serverSchema } from '@countersign/server'
import type { DatabaseAt } from '../floors/append-log.ts'
import { benchPlugin } from './bench-plugin.ts'
import { argument, tellParent } from './parent.ts'

interface Argument extends DatabaseAt {
  readonly model?: 'instant' | 'chain'
  readonly deltaGatherMs?: number
  /** That of the server before a restart, for cookies know it; else any free one. */
  readonly port?: number
}

const { file, url, model = 'instant', deltaGatherMs, port = 0 } = argument() as object as Argument
// One person here says in a second what a person says in a day, and thousands come from one address: limits are not what is measured.
const text = `
general:
  front_end:
    host: 127.0.0.1
    port: ${port}
    limits:
      max_messages_per_10_seconds: 1000000
      max_sockets: 20000
      max_half_open_per_address: 1000
      max_new_sessions_per_minute: 1000000
      max_new_sessions_per_minute_and_address: 1000000
store: { url: "${url ?? `sqlite:${file}`}" }
functions: { transfer: { _type: transfer } }
llms: { demo: { _type: ${model} } }
workflow: { _type: tool_calling_agent, tool_names: [transfer], llm_name: demo }
`
writeFileSync(`${file}.yml`, text)
const { config } = await loadConfig({ file: `${file}.yml`, schema: serverSchema([benchPlugin]), environment: {} })
const server = await serve(config, { log: pinoLog('error'), ...(deltaGatherMs !== undefined && { limits: { deltaGatherMs } }) })
tellParent(server.publicOrigin, { stats: () => ({ ...server.store.stats() }) })
