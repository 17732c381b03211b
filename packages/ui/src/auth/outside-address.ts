const THIS_COMPUTER: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/** An address outside of this site that a person may be sent to: https, or this computer, and free of credentials. Null for any other. */
export function outsideAddress(address: string | undefined): URL | null {
  if (address === undefined || !URL.canParse(address)) return null
  const url = new URL(address)
  const isProtected = url.protocol === 'https:' || (url.protocol === 'http:' && THIS_COMPUTER.has(url.hostname))
  return isProtected && url.username === '' && url.password === '' ? url : null
}
