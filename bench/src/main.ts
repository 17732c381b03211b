import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { approvalCycle } from './approval-cycle.ts'
import { type Claim, type Figure, table } from './figure.ts'

const claims: readonly Claim[] = [approvalCycle]

const resultsFile = fileURLToPath(new URL('../results/latest.json', import.meta.url))
const [name] = process.argv.slice(2)
const chosen = name === undefined ? claims : claims.filter((claim) => claim.name === name)
if (chosen.length > 0) await measure(chosen)
else {
  process.stderr.write(`there is no measurement "${name}"; there are: ${claims.map((claim) => claim.name).join(', ')}\n`)
  process.exitCode = 2
}

async function measure(list: readonly Claim[]): Promise<void> {
  const figures: Figure[] = []
  for (const claim of list) {
    process.stdout.write(`${claim.name}\n`)
    figures.push(...(await claim.measure((progress) => process.stdout.write(`  ${progress}\n`))))
  }
  mkdirSync(dirname(resultsFile), { recursive: true })
  writeFileSync(resultsFile, `${JSON.stringify(figures, null, 2)}\n`)
  process.stdout.write(`\n${table(figures)}\n`)
}
