/**
 * Makes a bare clone ready: the right Node, the locked dependencies and, with `--chromium`, a browser for the tests.
 * It needs nothing installed, and says nothing when there is nothing to do.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stampFile = join(root, 'node_modules', '.bootstrap')
const [major, minor] = process.versions.node.split('.').map(Number)

if (major < 20 || (major === 20 && minor < 19)) {
  stop(`Countersign needs Node 20.19 or newer; this is ${process.version}. Node 22 or 24 is recommended.`)
}
await installDependencies()
if (process.argv.includes('--chromium')) await installChromium()

async function installDependencies() {
  const machine = `${process.platform}-${process.arch} node${major}`
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const stamp = `${createHash('sha256').update(lock).digest('hex')} ${machine}\n`
  const found = readIfThere(stampFile)
  if (found === stamp) return
  if ((found === undefined || found.endsWith(` ${machine}\n`)) && isInstalled(JSON.parse(lock))) return writeFileSync(stampFile, stamp)

  const { npmStep } = await import('./step.mjs')
  const why = found === undefined ? 'the first time' : 'package-lock.json or the machine has changed'
  const { ok } = npmStep(`npm ci (${why})`, ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
  if (!ok) stop('The dependencies could not be installed; npm said why above.')
  writeFileSync(stampFile, stamp)
}

/** What `npm install` has just brought up to date need not be installed again: compares npm's own note of what lies there. */
function isInstalled(lock) {
  const note = readIfThere(join(root, 'node_modules', '.package-lock.json'))
  if (note === undefined) return false
  const there = JSON.parse(note).packages
  const wanted = Object.entries(lock.packages).filter(([path]) => path.includes('node_modules/'))
  const isComplete = wanted.every(([path, entry]) => (there[path] ? there[path].version === entry.version : entry.optional || entry.peer))
  return isComplete && Object.keys(there).every((path) => lock.packages[path] !== undefined)
}

async function installChromium() {
  const { ensureChromium } = await import('./install-chromium.mjs')
  const fault = ensureChromium()
  if (fault) stop(fault)
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

function stop(message) {
  console.error(`\n${message}\n`)
  process.exit(1)
}
