/** `npm run example -- NAME [arguments]`: builds, then runs one example; `--check` and other arguments go to the example. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runBuilt } from './run-built.mjs'
import { root } from './step.mjs'

const [name, ...args] = process.argv.slice(2)
const names = readdirSync(join(root, 'examples')).filter((folder) => existsSync(join(root, 'examples', folder, 'src', 'main.ts')))

if (name !== undefined && names.includes(name)) {
  await runBuilt(join('examples', name, 'dist', 'main.js'), { args })
} else {
  if (name !== undefined) console.error(`There is no example "${name}".`)
  console.error(`Say which example to run: npm run example -- NAME\n${names.map((known) => `  ${known}`).join('\n')}`)
  process.exitCode = 2
}
