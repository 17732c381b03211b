import { loadConfig, pinoLog, serve, serverSchema } from '@countersign/server'
import { SOAK_LIMITS } from './soak-limits.ts'
import { soakParts } from './soak-parts.ts'

/** `node soak-process.mjs WORKFLOW`: one instance of a server under soak. It says its port, and ends with whoever started it. */
const [workflow = ''] = process.argv.slice(2)
process.stdin.on('end', () => process.exit(0)).resume()
const { config } = await loadConfig({ file: workflow, schema: serverSchema([soakParts]), environment: process.env })
const server = await serve(config, { log: pinoLog('error'), limits: SOAK_LIMITS })
process.stdout.write(`${server.port}\n`)
