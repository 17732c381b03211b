import type { Principal } from '../protocol/principal.ts'

/** Whom a verified ID token names. */
export interface Identity {
  readonly issuer: string
  readonly subject: string
  /** What the person may be called: text of the other server, made harmless to show. */
  readonly name?: string
}

/** The user behind an identity. An issuer has no fragment, so two identities never come to one id, and none to that of an anonymous browser. */
export function userOf({ issuer, subject, name }: Identity): Principal {
  return { id: `user:${issuer}#${subject}`, kind: 'user', roles: [], ...(name !== undefined && { name }) }
}
