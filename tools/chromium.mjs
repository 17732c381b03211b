import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'

/** Where systems put Chromium or Chrome, the most predictable first. */
const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/**
 * Finds the Chromium that tests and examples drive: `CHROMIUM`, the system's own, or the one Playwright downloaded.
 * A `CHROMIUM` that names no file is not replaced by another browser: the answer is `undefined`.
 */
export function findChromium() {
  const chosen = process.env.CHROMIUM
  if (chosen) return existsSync(chosen) ? chosen : undefined
  return usualPaths.find((path) => existsSync(path)) ?? playwrightsOwn()
}

/** The flags for every launch: nothing is fetched in the background, and the sandbox is off only where it cannot work, as root. */
export const chromiumArgs = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

function playwrightsOwn() {
  try {
    const path = createRequire(import.meta.url)('playwright').chromium.executablePath()
    return existsSync(path) ? path : undefined
  } catch {
    return undefined // Playwright is not installed yet, or knows no download for this system: then there is none of its own
  }
}
