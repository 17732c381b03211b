/** Whether a key or variable says that its value is a secret: `client_secret`, `api_key`, `OPENAI_API_KEY`, `password` … */
export function isSecretName(name: string): boolean {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[-.\s]+/g, '_')
  return (
    /(?:^|_)(?:secrets?|passwords?|passwd|pwd|passphrase|credentials?|authorization|cookie|token|jwt|pat)(?:_(?:value|text|\d+))?$/.test(
      words,
    ) ||
    /(?:^|_)(?:(?:api|private|access|signing|encryption|session|sealing|secret|vault|master)_?)keys?$/.test(words) ||
    /(?:access|refresh|bearer|id|auth|api)_?tokens$/.test(words)
  )
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
