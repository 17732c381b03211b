/** Whether a key or variable says that its value is a secret: `client_secret`, `api_key`, `OPENAI_API_KEY`, `password` … */
export function isSecretName(name: string): boolean {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
  // Of a permission or a number of them, the name is all there is.
  if (/^(?:allow|accept|accepted|max|min)_/.test(words)) return false
  return (
    /(?:^|_)(?:secrets?|passwords?|passwd|pwd|passphrase|credentials?|authorization|cookie|token|jwt|pat)(?:_(?:value|text|\d+))?$/.test(
      words,
    ) ||
    /(?:^|_)(?:(?:api|raw|client|private|access|signing|encryption|session|sealing|secret|vault|master|countersign)_?)keys?$/.test(words) ||
    /(?:access|refresh|bearer|id|auth|api)_?tokens$/.test(words)
  )
}

/** The sections whose keys are names that somebody chose. */
export const namedSections: ReadonlySet<string> = new Set(['functions', 'llms', 'authentication'])

/** A key path without the name of its entry, which says nothing: the sign-in called "token" is no secret, its `client_secret` is. */
export function withoutEntryName(path: readonly string[]): readonly string[] {
  const [section = '', , member] = path
  const isInEntry = namedSections.has(section) && member !== undefined && !/^\d+$/.test(member)
  return isInEntry ? path.toSpliced(1, 1) : path
}

/** Maps whose values are handed on as they are: any of them may be a secret. */
export function isOpaqueMap(name: string): boolean {
  return name === 'env' || name === 'headers' || name === 'custom_headers'
}

/** Whether a text names a secret and goes on after a colon: `client_secret:abc`, where YAML sees no key for want of a space. */
export function namesSecretInside(text: string): boolean {
  return [...text.matchAll(/(?<![\w.-])([\w.-]+)["'\s]{0,5}:/g)].some(([, name = '']) => isSecretName(name))
}

/** Whether a text holds a password as addresses do: `postgres://user:password@host`. */
export function hasUrlPassword(text: string): boolean {
  return urlPassword.test(text)
}

/** A text with the passwords in its addresses replaced. */
export function withoutUrlPasswords(text: string, mask: string): string {
  return text.replaceAll(new RegExp(urlPassword, 'g'), (_, before: string) => `${before}${mask}@`)
}

const urlPassword = /([a-z][a-z0-9+.-]{0,30}:\/\/[^\s/?#@:]{0,200}:)[^\s/?#]{1,500}@/i

/** What stands in place of a secret. */
export const mask = '***'
