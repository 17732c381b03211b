import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * Runs one long step quietly: its title, then how long it took, on one line; its output only if it failed.
 *
 * @param {string} title what the reader sees
 * @param {readonly string[]} command the program and its arguments; no shell is between, so paths may hold spaces
 * @param {{ env?: Record<string, string>, showFailure?: boolean }} [options] `showFailure: false` leaves the words to the caller
 * @returns {{ ok: boolean, output: string }}
 */
export function step(title, [file, ...args], options = {}) {
  process.stdout.write(`${title} … `)
  const startedAt = performance.now()
  const run = spawnSync(file, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...options.env },
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ok = run.status === 0
  const output = [run.stdout, run.stderr, run.error?.message, run.signal && `ended by ${run.signal}`].filter(Boolean).join('\n').trim()
  console.log(`${ok ? '' : 'FAILED, '}${duration(performance.now() - startedAt)}`)
  if (!ok && options.showFailure !== false) console.log(`${output || `"${file}" ended with ${run.status} and said nothing`}\n`)
  return { ok, output }
}

/**
 * Runs a program of an installed package with this Node.
 *
 * @param {string} title
 * @param {readonly string[]} command the package's name and the arguments
 * @param {Parameters<typeof step>[3]} [options]
 */
export function packageStep(title, [name, ...args], options) {
  return step(title, [process.execPath, programOf(name), ...args], options)
}

/**
 * Runs npm, the same one that runs this script if there is one.
 *
 * @param {string} title
 * @param {readonly string[]} args
 * @param {Parameters<typeof step>[3]} [options]
 */
export function npmStep(title, args, options) {
  const npm = process.env.npm_execpath
  return npm?.endsWith('npm-cli.js') ? step(title, [process.execPath, npm, ...args], options) : step(title, ['npm', ...args], options)
}

/** The path of an installed package's first program; it is a JavaScript file in all that we use. */
export function programOf(name) {
  const folder = join(root, 'node_modules', name)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, typeof bin === 'string' ? bin : Object.values(bin)[0])
}

function duration(ms) {
  return ms < 9_950 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`
}
