import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright'
import { repositoryTool } from './repository-tool.ts'

/** What a check has for itself, so that a demo may run beside it. */
export interface CheckRoom extends QuietRoom {
  readonly browser: Browser
}

/** The same for a story without a browser. */
export interface QuietRoom {
  readonly folder: string
  readonly freePort: () => Promise<number>
}

/** Plays an example's story in a room of its own, which is gone afterwards. @returns the exit code */
export async function checkIn(play: (room: CheckRoom) => Promise<void>): Promise<number> {
  const browsers = await repositoryTool<{ findChromium(): string | undefined; chromiumArgs: readonly string[] }>('chromium')
  const executablePath = browsers.findChromium()
  if (executablePath === undefined) throw new Error('no Chromium was found; "node tools/bootstrap.mjs --chromium" installs one')
  const browser = await chromium.launch({ executablePath, args: [...browsers.chromiumArgs] })
  try {
    return await checkQuietly((room) => play({ ...room, browser }))
  } finally {
    await browser.close()
  }
}

/** Plays a story without a browser in a room of its own, which is gone afterwards. @returns the exit code */
export async function checkQuietly(play: (room: QuietRoom) => Promise<void>): Promise<number> {
  const { freePort } = await repositoryTool<Pick<QuietRoom, 'freePort'>>('free-port')
  const folder = mkdtempSync(join(tmpdir(), 'countersign-example-'))
  try {
    await play({ folder, freePort })
    return 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Tells whoever watches a check how far it is. */
export function tell(sentence: string): void {
  process.stdout.write(`${sentence}\n`)
}
