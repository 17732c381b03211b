/**
 * Finds the Chromium that tests and examples drive: `CHROMIUM`, the system's own, or the one Playwright downloaded.
 * A `CHROMIUM` that names no file is not replaced by another browser: the answer is `undefined`.
 */
export declare function findChromium(): string | undefined

/** The flags for every launch: nothing is fetched in the background, and the sandbox is off only where it cannot work, as root. */
export declare const chromiumArgs: readonly string[]
