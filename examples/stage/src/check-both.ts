import { join } from 'node:path'
import type { Browser } from 'playwright'
import { checkIn } from './check-in.ts'
import { type Both, startBoth, type StartOptions } from './start-both.ts'

/** A story that is played with both. */
export interface BothStory {
  /** The workflow file. */
  readonly file: string
  /** What else of it names the provider, which is at this address. */
  readonly overridesFor: (issuer: string) => NonNullable<StartOptions['overrides']>
  readonly play: (browser: Browser, both: Both) => Promise<void>
}

/** Plays an example's story in a real browser against both, on free ports and with a database of their own. @returns the exit code */
export function checkBoth({ file, overridesFor, play }: BothStory): Promise<number> {
  return checkIn(async ({ browser, folder, freePort }) => {
    const [providerPort, port] = [await freePort(), await freePort()]
    const overrides = [
      { path: 'general.front_end.port', value: String(port) },
      { path: 'store.url', value: `sqlite:${join(folder, 'countersign.db')}` },
      ...overridesFor(`http://127.0.0.1:${providerPort}`),
    ]
    const both = await startBoth({ file, providerPort, overrides, redirectUris: [`http://localhost:${port}/auth/redirect`] })
    try {
      await play(browser, both)
    } finally {
      await both.stop()
    }
  })
}
