import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findChromium } from './chromium.mjs'
import { packageStep, step } from './step.mjs'

const advice =
  'Install Chromium or Chrome (Debian: apt-get install chromium; macOS: brew install --cask chromium; or: npx playwright install --with-deps chromium), ' +
  'or set CHROMIUM to the path of one.'

/**
 * Makes sure that a Chromium is there: the one found, else the system's package, else Playwright's download.
 *
 * @returns {string | undefined} what is wrong and what to do, or nothing when all is well
 */
export function ensureChromium() {
  if (process.env.CHROMIUM && !existsSync(process.env.CHROMIUM)) {
    return `CHROMIUM names "${process.env.CHROMIUM}", which does not exist. Correct it, or unset it to have one found.`
  }
  if (findChromium()) return undefined
  const failures = []
  for (const install of [fromSystem, fromPlaywright]) {
    const failure = install()
    if (failure) failures.push(failure)
    const path = findChromium()
    if (path) return faultOf(path)
  }
  return [`The browser tests need a Chromium, and none was found or could be installed. ${advice}`, ...failures].join('\n\n')
}

/** Debian's and Ubuntu's package manager, if this user may use it without being asked for a password. */
function fromSystem() {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) return undefined
  const isRoot = process.getuid?.() === 0
  if (!isRoot && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0) return undefined
  const apt = (title, ...args) => {
    const env = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args]
    return isRoot ? step(title, env, quiet) : step(title, ['sudo', '-n', ...env], quiet)
  }
  const update = apt('apt-get update', 'update')
  const install = apt('apt-get install chromium, once', 'install', '-y', '--no-install-recommends', 'chromium')
  if (install.ok) return undefined
  return `apt-get said:\n${lastLines(update.ok ? install.output : `${update.output}\n${install.output}`)}`
}

/** The download goes to Playwright's usual place, outside the repository, and is shared by all projects of this user. */
function fromPlaywright() {
  const download = packageStep('playwright install chromium, once', ['playwright', 'install', 'chromium'], quiet)
  return download.ok ? undefined : `playwright said:\n${lastLines(download.output)}`
}

/** A browser that was just installed must also start: a download brings no system libraries. */
function faultOf(path) {
  const run = spawnSync(path, ['--version'], { encoding: 'utf8' })
  if (run.status === 0) return undefined
  return `"${path}" was installed but does not start. ${advice}\n\n${lastLines(run.error?.message ?? run.stderr)}`
}

const quiet = { showFailure: false }

function lastLines(text) {
  return text.trim().split('\n').slice(-8).join('\n')
}
