/** The scopes this provider knows, each in the words of the consent page. */
export const SCOPE_WORDS: ReadonlyMap<string, string> = new Map([
  ['openid', 'Know that it is you, by a fixed identifier'],
  ['profile', 'See your name'],
  ['email', 'See your email address'],
  ['offline_access', 'Keep this access while you are away, until it is revoked'],
])

/** Which claims each scope opens at the userinfo endpoint (OpenID Connect Core §5.4). */
export const SCOPE_CLAIMS: Readonly<Record<string, string[]>> = {
  openid: ['sub'],
  profile: ['name', 'preferred_username'],
  email: ['email'],
}
