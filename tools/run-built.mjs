import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { build } from './build.mjs'
import { root } from './step.mjs'

/**
 * Builds, then runs a built file as if it had been started directly: same terminal, same signals, same exit code.
 *
 * @param {string} file path below the root
 * @param {{ args?: readonly string[], nodeArgs?: readonly string[] }} [options]
 */
export async function runBuilt(file, { args = [], nodeArgs = [] } = {}) {
  if (!build()) return fail('Nothing was started, because the build failed; see above.')
  if (!existsSync(join(root, file))) return fail(`"${file}" does not exist after the build: its source is missing.`)

  const child = spawn(process.execPath, [...nodeArgs, join(root, file), ...args], { cwd: root, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM']) forward(signal, child)
  const [code, signal] = await new Promise((resolve) => child.once('exit', (...end) => resolve(end)))
  process.exitCode = code ?? 128 + constants.signals[signal]
}

/**
 * Passes a signal on once; npm and the terminal may both send it, and a child takes the second one for "now".
 * A terminal's Ctrl-C reaches the child by itself, so there it is only outlived.
 */
function forward(signal, child) {
  let isSent = signal === 'SIGINT' && process.stdin.isTTY
  process.on(signal, () => {
    if (!isSent) child.kill(signal)
    isSent = true
  })
}

function fail(message) {
  console.error(message)
  process.exitCode = 1
}
