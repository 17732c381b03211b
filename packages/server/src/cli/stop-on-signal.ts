/** One press of Ctrl-C may arrive twice, from the terminal and from whoever passes it on; what comes later is meant. */
const ECHO_MS = 500

/**
 * Waits for SIGINT or SIGTERM, then runs `stop`. A second signal ends the process at once.
 * @returns the exit code: 130 after Ctrl-C, else 0; 1 when stopping failed
 */
export async function stopOnSignal(stop: () => Promise<void>): Promise<number> {
  let take = (_signal: NodeJS.Signals): void => undefined
  const signal = await new Promise<NodeJS.Signals>((resolve) => {
    let since: number | undefined
    take = (sent) => {
      if (since !== undefined && Date.now() - since > ECHO_MS) process.exit(130)
      since ??= Date.now()
      resolve(sent)
    }
    process.on('SIGINT', take)
    process.on('SIGTERM', take)
  })
  try {
    await stop()
    return signal === 'SIGINT' ? 130 : 0
  } catch (error) {
    process.stderr.write(`stopping failed: ${String(error)}\n`)
    return 1
  } finally {
    process.off('SIGINT', take)
    process.off('SIGTERM', take)
  }
}
