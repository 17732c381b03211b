import { pathToFileURL } from 'node:url'
import { packageStep } from './step.mjs'

/**
 * Builds every workspace in order; turbo skips what has not changed.
 *
 * @returns {boolean} whether all was built; if not, the compiler's words have been printed
 */
export function build() {
  const args = ['run', 'build', '--output-logs=errors-only', '--ui=stream', '--continue=dependencies-successful']
  return packageStep('build', ['turbo', ...args], { env: quietTurbo }).ok
}

/** No telemetry, no news of other versions. */
const quietTurbo = { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' }

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href && !build()) {
  console.error('The build failed. Mend what is named above and run "npm run build" again.')
  process.exitCode = 1
}
