/** Where the server's endpoints are, below a base that may carry a path prefix. */
export interface ServerAddress {
  /** The origin whose sign-in pages may be opened. */
  readonly origin: string
  readonly me: string
  readonly sessions: string
  readonly signOut: string
  endSession(id: string): string
  disconnect(connectionId: string): string
  /** Where a person signs in to the server itself, to come back to a path of this page if it is of the server's origin. */
  signIn(page: { readonly origin: string; readonly path: string }): string
  socket(conversationId: string, lastSeq: number): string
}

/** @param base an absolute http(s) address, or one relative to the page's origin; empty: the origin itself */
export function serverAddress(base: string, pageOrigin: string): ServerAddress {
  const root = new URL(base === '' || base.endsWith('/') ? base : `${base}/`, `${pageOrigin}/`)
  const below = (path: string): string => new URL(path, root).href
  return {
    origin: root.origin,
    me: below('api/me'),
    sessions: below('api/sessions'),
    signOut: below('api/sign-out'),
    endSession: (id) => below(`api/sessions/${encodeURIComponent(id)}/end`),
    disconnect: (connectionId) => below(`api/connections/${encodeURIComponent(connectionId)}/disconnect`),
    signIn({ origin, path }) {
      const url = new URL('auth/sign-in', root)
      if (origin === root.origin) url.searchParams.set('return', path)
      return url.href
    },
    socket(conversationId, lastSeq) {
      const url = new URL('websocket', root)
      url.protocol = root.protocol === 'https:' ? 'wss:' : 'ws:'
      url.searchParams.set('conversation_id', conversationId)
      url.searchParams.set('last_seq', String(lastSeq))
      return url.href
    },
  }
}
