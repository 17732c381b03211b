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
const checks = [
  build,
  () => packageStep('types', 'typescript', ['-b']).ok,
  () => packageStep('types of the tests', 'typescript', ['-p', 'tsconfig.tests.json']).ok,
  () => packageStep('lint', 'oxlint', ['--type-aware', '--deny-warnings']).ok,
  () => packageStep('format (to mend it: npm run format)', 'oxfmt', ['--check']).ok,
  () => npmStep('lock file', dryRun).ok,
  () => npmStep('lock file, on another system', [...dryRun, '--os=darwin', '--cpu=arm64']).ok,
  () => packageStep('docker-compose.yml', 'dclint', ['-q', 'docker-compose.yml']).ok,
]
const outcomes = vitestArgs.length > 0 ? [] : checks.map((check) => check())
const tests = runTests(vitestArgs)
const passed = outcomes.filter(Boolean).length + tests.passed
const failed = outcomes.filter((ok) => !ok).length + tests.failed
process.exitCode = failed > 0 ? 1 : 0
console.log(`${passed} passed, ${failed} failed`)

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
