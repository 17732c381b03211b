import { createHash } from 'node:crypto'
import { isPrintable } from './printable.ts'

/** A person as this provider knows them. */
export interface DemoAccount {
  readonly sub: string
  readonly name: string
  readonly preferred_username: string
  readonly email: string
  /** What a client must send as `user_code` before this person's phone rings (CIBA §7.1); without it, nothing. */
  readonly userCode?: string | undefined
}

const NAME_LIMIT = 64
const SLUG_LIMIT = 48

/** The account behind a typed name, the same one each time; `undefined` unless 1 to 64 printable characters remain after trimming. */
export function accountOf(typed: string): DemoAccount | undefined {
  const name = typed.trim()
  if (!isPrintable(name, NAME_LIMIT)) return undefined
  const sub = slugOf(name)
  return { sub, name, preferred_username: sub, email: `${sub}@example.test` }
}

/** Who is known: the people given at the start, and, up to a limit, whoever signed in since; the one longest not seen goes first. */
export class DemoAccounts {
  readonly people: readonly DemoAccount[]
  readonly #visitors = new Map<string, DemoAccount>()
  readonly #limit: number

  constructor(people: readonly DemoAccount[] = [], limit = 1000) {
    this.people = people
    this.#limit = limit
  }

  /** Signs in whoever the typed name, user name or e-mail address means; `undefined` when it can be nobody's. */
  signIn(typed: string): DemoAccount | undefined {
    const wanted = typed.trim().toLowerCase()
    const person = this.people.find(({ sub, name, email }) => [sub, name, email].some((known) => known.toLowerCase() === wanted))
    if (person !== undefined) return person
    const account = accountOf(typed)
    // A visitor may not become somebody who is known by the same identifier.
    const known = account && this.people.find(({ sub }) => sub === account.sub)
    if (account !== undefined && known === undefined) this.#remember(account)
    return known ?? account
  }

  find(sub: string): DemoAccount | undefined {
    return this.people.find((person) => person.sub === sub) ?? this.#visitors.get(sub)
  }

  findByEmail(email: string): DemoAccount | undefined {
    const wanted = email.toLowerCase()
    return [...this.people, ...this.#visitors.values()].find((account) => account.email.toLowerCase() === wanted)
  }

  /** Forgets the visitors; the people given at the start stay. */
  clear(): void {
    this.#visitors.clear()
  }

  #remember(account: DemoAccount): void {
    this.#visitors.delete(account.sub)
    this.#visitors.set(account.sub, account)
    const [oldest] = this.#visitors.keys()
    if (this.#visitors.size > this.#limit && oldest !== undefined) this.#visitors.delete(oldest)
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
