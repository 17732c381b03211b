/**
 * `npm test`: every check of the project, the tests last, and one total. A failure stops nothing: all are collected.
 * `npm test -- packages/core` hands its arguments to vitest and runs only that.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.mjs'
import { npmStep, packageStep, programOf, root } from './step.mjs'

const vitestArgs = process.argv.slice(2)
const dryRun = ['ci', '--dry-run', '--no-audit', '--no-fund', '--loglevel=error']
const checks = {
  build: () => build(),
  types: (title) => packageStep(title, ['typescript', '-b']).ok,
  'types of the tests': (title) => packageStep(title, ['typescript', '-p', 'tsconfig.tests.json']).ok,
  lint: (title) => packageStep(title, ['oxlint', '--type-aware', '--deny-warnings']).ok,
  'format (to mend it: npm run format)': (title) => packageStep(title, ['oxfmt', '--check']).ok,
  'lock file': (title) => npmStep(title, dryRun).ok,
  'lock file, on another system': (title) => npmStep(title, [...dryRun, '--os=darwin', '--cpu=arm64']).ok,
  'docker-compose.yml': (title) => packageStep(title, ['dclint', '-q', 'docker-compose.yml']).ok,
}
const asked = vitestArgs.length > 0 ? [] : Object.entries(checks)
const failedChecks = asked.filter(([title, check]) => !check(title)).map(([title]) => title)
const tests = runTests(vitestArgs)
const failed = failedChecks.length + tests.failed
if (failedChecks.length > 0) console.log(`\nChecks that failed: ${failedChecks.join('; ')}`)
console.log(`${asked.length - failedChecks.length + tests.passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

/** Shows vitest's own output and counts its report; a file that did not load counts as one failed test. */
function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-test-'))
  const report = join(folder, 'report.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const run = spawnSync(process.execPath, [programOf('vitest'), 'run', ...reporters, ...args], { cwd: root, stdio: 'inherit' })
    const counted = countOf(report)
    // vitest also fails for what belongs to no test, such as an unhandled rejection
    return run.status !== 0 && counted.failed === 0 ? { ...counted, failed: 1 } : counted
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function countOf(report) {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
    const unloaded = testResults.filter(
      (file) => file.status === 'failed' && !file.assertionResults.some((assertion) => assertion.status === 'failed'),
    )
    return { passed: numPassedTests, failed: numFailedTests + unloaded.length }
  } catch (error) {
    console.error(`vitest left no report: ${error.message}`)
    return { passed: 0, failed: 1 }
  }
}
