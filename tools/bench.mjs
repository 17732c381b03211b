/** `npm run bench -- [NAME]`: builds, then runs one measurement, or all. */
import { join } from 'node:path'
import { runBuilt } from './run-built.mjs'

await runBuilt(join('bench', 'dist', 'main.js'), { args: process.argv.slice(2), nodeArgs: ['--expose-gc'] })
