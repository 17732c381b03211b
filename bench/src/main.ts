/** `npm run bench [-- NAME]`: measures one claim, or all of them, prints a table and keeps the figures. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { approvalCycle } from './approval-cycle.ts'
import { consent } from './consent.ts'
import { diskAndHistory } from './disk-and-history.ts'
import { type Claim, type Figure, table } from './figure.ts'
import { firstLoad } from './first-load.ts'
import { http } from './http.ts'
import { restart } from './restart.ts'
import { startUp } from './start-up.ts'
import { streaming } from './streaming.ts'
import { waiting } from './waiting.ts'

const claims: readonly Claim[] = [approvalCycle, streaming, waiting, startUp, restart, diskAndHistory, consent, http, firstLoad]
const resultsFile = fileURLToPath(new URL('../results/latest.json', import.meta.url))

const names = process.argv.slice(2)
const chosen = names.length === 0 ? claims : claims.filter(({ name }) => names.includes(name))
if (chosen.length < names.length || chosen.length === 0) {
  process.stderr.write(`there is no measurement "${names.join(' ')}"; there are: ${claims.map(({ name }) => name).join(', ')}\n`)
  process.exitCode = 2
} else await measure(chosen)

async function measure(list: readonly Claim[]): Promise<void> {
  const figures: Figure[] = []
  for (const { name, measure: measureClaim } of list) {
    process.stdout.write(`${name}\n`)
    figures.push(...(await measureClaim((progress) => process.stdout.write(`  ${progress}\n`))))
  }
  mkdirSync(dirname(resultsFile), { recursive: true })
  writeFileSync(resultsFile, `${JSON.stringify(figures, null, 2)}\n`)
  process.stdout.write(`\n${table(figures)}\n`)
}
