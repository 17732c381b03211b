/** `npm run soak -- [OPTIONS]`: bundles the soak and its server from their sources, and runs it; `--help` says what it does. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleProgram } from '../test/soak/bundle.mjs'

const folder = mkdtempSync(join(tmpdir(), 'countersign soak '))
try {
  const [soak] = [await bundleProgram('soak', folder), await bundleProgram('soak-process', folder)]
  const child = spawn(process.execPath, [soak, ...process.argv.slice(2)], { stdio: 'inherit' })
  // A terminal's Ctrl-C reaches the child by itself: it is outlived, and then there is something to clear up.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  const [code, signal] = await new Promise((resolve) => child.once('exit', (...end) => resolve(end)))
  process.exitCode = code ?? 128 + constants.signals[signal]
} finally {
  rmSync(folder, { recursive: true, force: true })
}
