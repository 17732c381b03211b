import type * as oidc from 'oidc-provider'

/** The module `oidc-provider`, named so that it can be handed on. */
export type OidcLibrary = typeof oidc

let loading: Promise<OidcLibrary> | undefined

/**
 * Loads oidc-provider, once, without the line it prints on Node 20.
 * Its import warns that Node 22 is wanted; all that this package uses works on Node 20, and a demo that opens with a warning
 * worries people for nothing. The import has no switch for it, so that single line is held back while the import lasts.
 */
export function loadOidcLibrary(): Promise<OidcLibrary> {
  loading ??= importQuietly()
  return loading
}

async function importQuietly(): Promise<OidcLibrary> {
  const warn = console.warn
  const filtered: typeof console.warn = (...words) => {
    if (!String(words[0]).includes('oidc-provider WARNING: Unsupported runtime.')) warn(...words)
  }
  console.warn = filtered
  try {
    return await import('oidc-provider')
  } finally {
    if (console.warn === filtered) console.warn = warn
  }
}
