import { stopOnSignal } from '@countersign/server'

/**
 * Starts what a demo shows, says what to do with it, and stops it on Ctrl-C.
 * @param linesOf what to say once it runs
 * @returns the exit code
 */
export async function showUntilStopped<T extends { stop(): Promise<void> }>(
  start: () => Promise<T>,
  linesOf: (running: T) => readonly string[],
): Promise<number> {
  const running = await start().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  })
  if (!running) return 1
  const exitCode = stopOnSignal(() => running.stop())
  process.stdout.write(
    `\n${linesOf(running)
      .map((line) => (line === '' ? '\n' : `  ${line}\n`))
      .join('')}\n\n`,
  )
  const code = await exitCode
  // Ctrl-C is how a demo ends.
  return code === 130 ? 0 : code
}
