/** Whether a server may be asked here: https, or http on this computer (RFC 8252 §7.3), without credentials in the address. */
export function isAllowedAddress(address: string | URL): boolean {
  const url = parse(address)
  if (url === undefined || url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))
}

/**
 * Whether an endpoint that a server's metadata names may be used. Metadata is the word of the other side: it must not lead
 * to this computer or to a bare IP address, which no name and no certificate vouches for, unless the issuer itself is there.
 */
export function isAllowedEndpoint(endpoint: string, issuer: URL): boolean {
  const url = parse(endpoint)
  if (url === undefined || !isAllowedAddress(url)) return false
  if (url.hostname === issuer.hostname || (isLoopback(url) && isLoopback(issuer))) return true
  return !isIpAddress(url) && !isNameOfThisComputer(url)
}

/** `localhost`, 127.0.0.0/8 or [::1]. URL has turned every other spelling of an IPv4 address into this one. */
export function isLoopback(url: URL): boolean {
  return url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(url.hostname)
}

function parse(address: string | URL): URL | undefined {
  if (typeof address !== 'string') return address
  return URL.canParse(address) ? new URL(address) : undefined
}

function isIpAddress(url: URL): boolean {
  return url.hostname.startsWith('[') || /^\d{1,3}(?:\.\d{1,3}){3}\.?$/.test(url.hostname)
}

/** RFC 6761 §6.3: `localhost`, anything below it, and the same with the root's dot. */
function isNameOfThisComputer(url: URL): boolean {
  const name = url.hostname.replace(/\.$/, '')
  return name === 'localhost' || name.endsWith('.localhost')
}
