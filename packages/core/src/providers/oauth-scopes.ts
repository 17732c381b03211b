/** Scopes as one set: sorted, without repetition. */
export function scopeSet(...lists: readonly (readonly string[] | undefined)[]): readonly string[] {
  return [...new Set(lists.flatMap((list) => list ?? []))].toSorted()
}

/** What a token answer says was granted (RFC 6749 §5.1: an absent scope means all that was asked); malformed scopes are dropped. */
export function grantedScopes(scope: string | undefined, asked: readonly string[]): readonly string[] {
  return scope === undefined ? scopeSet(asked) : scopeSet(scope.split(' ').filter((word) => scopeToken.test(word)))
}

/**
 * What was asked for, withheld, and is needed by whoever asked. `offline_access` only decides whether there is a refresh token,
 * and a server that sent an ID token has granted `openid`, named or not.
 */
export function withheldScopes(asked: readonly string[], granted: readonly string[], hasIdToken: boolean): readonly string[] {
  return asked.filter((scope) => {
    if (scope === 'offline_access' || (scope === 'openid' && hasIdToken)) return false
    return !granted.includes(scope) && !granted.includes(`${googlePrefix}${scope}`)
  })
}

/** Google grants `email` and `profile` under these longer names. */
const googlePrefix = 'https://www.googleapis.com/auth/userinfo.'

/** RFC 6749 §3.3. */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/
