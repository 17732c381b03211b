/** Whether a key or variable says that its value is a secret: `client_secret`, `api_key`, `OPENAI_API_KEY`, `password` … */
export function isSecretName(name: string): boolean {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
  return (
    /(?:^|_)(?:secrets?|passwords?|passwd|pwd|passphrase|credentials?|authorization|cookie|token|jwt|pat)(?:_(?:value|text|\d+))?$/.test(
      words,
    ) ||
    /(?:^|_)(?:(?:api|private|access|signing|encryption|session|sealing|secret|vault|master)_?)keys?$/.test(words) ||
    /(?:access|refresh|bearer|id|auth|api)_?tokens$/.test(words)
  )
}

/** Maps whose values are handed on as they are: any of them may be a secret. */
export function isOpaqueMap(name: string): boolean {
  return name === 'env' || name === 'headers' || name === 'custom_headers'
}

/** Whether a text names a secret and goes on after a colon: `client_secret:abc`, where YAML sees no key for want of a space. */
export function namesSecretInside(text: string): boolean {
  return [...text.matchAll(/([\w.-]{1,100})["'\s]{0,5}:/g)].some(([, name = '']) => isSecretName(name))
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
