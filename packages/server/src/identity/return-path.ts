/** Where a sign-in begins and ends, and where programs ask: nothing a person is sent to afterwards. */
const NOT_PAGES = /^\/(?:auth|api)(?:\/|$)/
/** Longer addresses are none of ours. */
const MAX_LENGTH = 2_000

/**
 * Where the browser goes after a sign-in, as a whole address of ours: a path of this origin that was asked for, or undefined for anything
 * that a browser could read as another place.
 */
export function returnAddress(path: string, publicOrigin: string): string | undefined {
  // Browsers read a backslash as a slash, and drop tabs and line ends wherever they stand (WHATWG URL §4.4); two slashes begin another origin.
  if (!/^\/[\x21-\x5b\x5d-\x7e]*$/.test(path) || path.length > MAX_LENGTH) return undefined
  const url = URL.canParse(path, publicOrigin) ? new URL(path, publicOrigin) : undefined
  return url?.origin === publicOrigin && !NOT_PAGES.test(url.pathname) ? url.href : undefined
}
