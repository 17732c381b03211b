/** One browser of the person, as `GET /api/sessions` lists it. An anonymous browser sees its own one. */
export interface SessionView {
  /** Names it to `POST /api/sessions/:id/end`; it opens nothing. */
  readonly id: string
  /** Whether it is the browser that asks. */
  readonly isCurrent: boolean
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** Epoch milliseconds, to within an hour: not each request is written down. */
  readonly lastSeenAt: number
  /** In short words what it said of itself when the session began: `Chrome on Linux`. Untrusted text. */
  readonly browser: string
}

/** What `GET /api/sessions` answers, the newest first. */
export interface SessionList {
  readonly sessions: readonly SessionView[]
}

/** What `POST /api/connections/:id/disconnect` answers. The connection is gone here in either case. */
export interface Disconnected {
  /** Whether the authorization server confirmed it (RFC 7009); else its token there ends with its lifetime. */
  readonly revoked: boolean
}

/** The body of `POST /api/sign-out`. */
export interface SignOutRequest {
  /** Whether all the person's browsers are signed out, not only this one. */
  readonly everywhere?: boolean
}

/** What `POST /api/sessions/:id/end` and `POST /api/sign-out` answer. */
export interface SessionsEnded {
  /** How many sessions this request ended. */
  readonly ended: number
}

/** What these addresses answer when they do nothing. */
export interface AccountProblem {
  readonly error: 'not_found' | 'forbidden' | 'invalid_request' | 'unsupported_media_type'
  /** A plain sentence. */
  readonly message: string
}

/**
 * The code with which a socket is closed whose session is over: the person signed in, signed out, or ended it from another browser. The client asks
 * `/api/me` who it is now, and opens a new socket with the cookie it has then.
 */
export type SessionOverCode = 4401
