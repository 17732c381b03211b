import { createHash } from 'node:crypto'

/** A person as this provider knows them: nothing but what a typed name yields. */
export interface DemoAccount {
  readonly sub: string
  readonly name: string
  readonly preferred_username: string
  readonly email: string
}

const NAME_LIMIT = 64
const SLUG_LIMIT = 48

/** Control characters, lone surrogates and bidirectional overrides: they could make a page say something else than it holds. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u

/** The account behind a typed name, the same one each time; `undefined` unless 1 to 64 printable characters remain after trimming. */
export function accountOf(typed: string): DemoAccount | undefined {
  const name = typed.trim()
  const length = Array.from(name).length
  if (length === 0 || length > NAME_LIMIT || UNPRINTABLE.test(name)) return undefined
  const sub = slugOf(name)
  return { sub, name, preferred_username: sub, email: `${sub}@example.test` }
}

/** Remembers who signed in, up to a limit; the one longest not seen goes first. */
export class DemoAccounts {
  readonly #accounts = new Map<string, DemoAccount>()
  readonly #limit: number

  constructor(limit = 1000) {
    this.#limit = limit
  }

  remember(account: DemoAccount): void {
    this.#accounts.delete(account.sub)
    this.#accounts.set(account.sub, account)
    const [oldest] = this.#accounts.keys()
    if (this.#accounts.size > this.#limit && oldest !== undefined) this.#accounts.delete(oldest)
  }

  find(sub: string): DemoAccount | undefined {
    return this.#accounts.get(sub)
  }

  clear(): void {
    this.#accounts.clear()
  }
}

/** Case and spacing do not make another person; whatever else a slug cannot show is told apart by a digest. */
function slugOf(name: string): string {
  const canonical = name.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ')
  const plain = /^[a-z0-9]+(?: [a-z0-9]+)*$/.test(canonical) && canonical.length <= SLUG_LIMIT
  if (plain) return canonical.replaceAll(' ', '-')
  const readable = canonical
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, SLUG_LIMIT)
    .replace(/^-|-$/g, '')
  const digest = createHash('sha256').update(canonical).digest('hex').slice(0, 8)
  return `${readable === '' ? 'person' : readable}-${digest}`
}
