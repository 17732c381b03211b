/** Scheme, host and port under which people's browsers see a server that listens on a port. */
export function publicOriginOf(frontEnd: { readonly public_url?: string | undefined; readonly host: string }, port: number): string {
  return frontEnd.public_url ?? new URL(`http://${browserHost(frontEnd.host)}:${port}`).origin
}

/** How a browser on this machine would name the host that is listened on. */
export function browserHost(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '127.0.0.1' || host === '::1') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}
