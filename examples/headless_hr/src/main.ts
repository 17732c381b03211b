import { parseArgs } from 'node:util'
import { ask } from './ask.ts'
import { check } from './check.ts'
import { demo } from './demo.ts'

const { values } = parseArgs({
  options: {
    /** Plays everybody. */
    check: { type: 'boolean', default: false },
    /** A question to the agent of a running demo. */
    ask: { type: 'string' },
    agent: { type: 'string', default: 'http://127.0.0.1:10050' },
    /** Where the asking program is registered. */
    issuer: { type: 'string', default: 'http://127.0.0.1:5001' },
  },
})

if (values.ask !== undefined) process.exitCode = await ask(values.ask, values)
else process.exitCode = values.check ? await check() : await demo()
