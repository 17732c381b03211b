import { fileURLToPath } from 'node:url'
import { help, readOptions, type SoakOptions } from './options.ts'
import { duration, Watch } from './progress.ts'
import { Findings } from './findings.ts'
import { playPart } from './play-part.ts'
import { openPlaces } from './store-place.ts'

/** `node soak.mjs [OPTIONS]`: the soak itself; the bundled server stands beside it. */
try {
  const options = readOptions(process.argv.slice(2))
  if (options === 'help') console.log(help)
  else process.exitCode = await soak(options)
} catch (error) {
  if (!(error instanceof TypeError)) throw error
  console.error(`${error.message}\n\n${help}`)
  process.exitCode = 2
}

/** Plays the parts one after another. @returns the exit code */
async function soak({ store, rounds, seed, parts }: SoakOptions): Promise<number> {
  const watch = new Watch(process.stdout, () => performance.now())
  const program = fileURLToPath(new URL('soak-process.mjs', import.meta.url))
  watch.say(`A soak on ${store}: ${parts.join(', ')}; ${rounds} rounds, seed ${seed}.`)
  const findings = new Findings((fault, sentence) => watch.say(`  ${fault.toUpperCase()} ${sentence}`))
  const places = await openPlaces(store)
  try {
    for (const part of parts) {
      const startedAt = performance.now()
      const own = findings.at(part)
      const setting = { rounds, seed, program, findings: own, place: await places.next(), watch }
      const tally = await playPart(part, setting).catch((error: unknown) => {
        own.add('lost', `it broke off: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
        return 'broken off'
      })
      const took = duration(performance.now() - startedAt)
      watch.say(`${part}: ${tally}; lost ${own.lost.length}, doubled ${own.doubled.length} (${took})`)
    }
  } finally {
    await places.stop()
  }
  watch.say(`rounds ${rounds}, lost ${findings.lost.length}, doubled ${findings.doubled.length}`)
  return findings.isClean ? 0 : 1
}
