/** What the standard OpenID Connect scopes mean to a person (OpenID Connect Core §5.4 and §11). */
const WORDS: Readonly<Record<string, string>> = {
  openid: 'Know who you are',
  profile: 'Read your name',
  email: 'Read your e-mail address',
  offline_access: 'Stay connected while you are away',
}

/** A scope in plain words, or null for one that only its provider can explain. */
export function scopeWords(scope: string): string | null {
  return Object.hasOwn(WORDS, scope) ? (WORDS[scope] ?? null) : null
}

/** Scopes as a person would tell them: who you are first, what only the provider can explain last. */
export function inReadingOrder(scopes: readonly string[]): readonly string[] {
  const known = Object.keys(WORDS).filter((scope) => scopes.includes(scope))
  return [...known, ...scopes.filter((scope) => !known.includes(scope))]
}
