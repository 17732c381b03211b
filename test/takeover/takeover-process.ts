import { loadConfig, pinoLog, serve, serverSchema } from '@countersign/server'
import { takeoverParts } from './takeover-parts.ts'
import { TAKEOVER_LIMITS } from './takeover-limits.ts'

/** `node takeover-process.mjs WORKFLOW`: one server of several on a database. It says its port, and ends with whoever started it. */
const [workflow = ''] = process.argv.slice(2)
process.stdin.on('end', () => process.exit(0)).resume()
const { config } = await loadConfig({ file: workflow, schema: serverSchema([takeoverParts]), environment: process.env })
const server = await serve(config, { log: pinoLog('error'), limits: TAKEOVER_LIMITS })
process.stdout.write(`${server.port}\n`)
