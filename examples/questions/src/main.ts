import { parseArgs } from 'node:util'
import { check } from './check.ts'
import { demo } from './demo.ts'

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
process.exitCode = values.check ? await check() : await demo()
