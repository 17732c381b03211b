/** `npm run bench [-- NAME] [--store sqlite|postgres]`: measures one claim, or all of them, prints a table and keeps the figures. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { approvalCycle } from './approval-cycle.ts'
import { auditVerify } from './audit-verify.ts'
import { consent } from './consent.ts'
import type { StoreKind } from './databases.ts'
import { diskAndHistory } from './disk-and-history.ts'
import { type Claim, type Figure, table } from './figure.ts'
import { firstLoad } from './first-load.ts'
import { http } from './http.ts'
import { langgraph } from './langgraph.ts'
import { replay } from './replay.ts'
import { restart } from './restart.ts'
import { startUp } from './start-up.ts'
import { onStores } from './store-claim.ts'
import { streaming } from './streaming.ts'
import { twoInstances } from './two-instances.ts'
import { waiting } from './waiting.ts'

const resultsFile = fileURLToPath(new URL('../results/latest.json', import.meta.url))
const stores: readonly StoreKind[] = ['sqlite', 'postgres']

const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { store: { type: 'string' }, help: { type: 'boolean' } },
})
const kinds = values.store === undefined ? stores : stores.filter((kind) => kind === values.store)
const onKinds = [approvalCycle, waiting, restart, replay, diskAndHistory, auditVerify, langgraph, twoInstances].map((claim) =>
  onStores(claim, kinds),
)
const claims: readonly Claim[] = [...onKinds, streaming, startUp, consent, http, firstLoad]
const chosen = names.length === 0 ? claims : claims.filter(({ name }) => names.includes(name))
if (values.help)
  process.stdout.write(`npm run bench -- [NAME …] [--store sqlite|postgres]\nNames: ${claims.map(({ name }) => name).join(', ')}\n`)
else if (kinds.length === 0) refuse(`there is no store "${values.store ?? ''}"; there are: ${stores.join(', ')}`)
else if (chosen.length < names.length || chosen.length === 0)
  refuse(`there is no measurement "${names.join(' ')}"; there are: ${claims.map(({ name }) => name).join(', ')}`)
else await measure(chosen)

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

function refuse(why: string): void {
  process.stderr.write(`${why}\n`)
  process.exitCode = 2
}
