/** Where the server's endpoints are, below a base that may carry a path prefix. */
export interface ServerAddress {
  /** The origin whose sign-in pages may be opened. */
  readonly origin: string
  readonly me: string
  socket(conversationId: string, lastSeq: number): string
}

/** @param base an absolute http(s) address, or one relative to the page's origin; empty: the origin itself */
export function serverAddress(base: string, pageOrigin: string): ServerAddress {
  const root = new URL(base === '' || base.endsWith('/') ? base : `${base}/`, `${pageOrigin}/`)
  return {
    origin: root.origin,
    me: new URL('api/me', root).href,
    socket(conversationId, lastSeq) {
      const url = new URL('websocket', root)
      url.protocol = root.protocol === 'https:' ? 'wss:' : 'ws:'
      url.searchParams.set('conversation_id', conversationId)
      url.searchParams.set('last_seq', String(lastSeq))
      return url.href
    },
  }
}
