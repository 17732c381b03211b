import { CountersignError } from './errors.ts'

/** Named parts of one sort, looked up by their `_type`. An unknown name answers with the known ones. */
export class Registry<T> {
  readonly #sort: string
  readonly #parts: ReadonlyMap<string, T>

  /** @param sort what the parts are, for messages: "auth provider" */
  constructor(sort: string, parts: Readonly<Record<string, T>>) {
    this.#sort = sort
    this.#parts = new Map(Object.entries(parts))
  }

  /** @throws CountersignError `unknown_type` */
  get(type: string): T {
    const part = this.#parts.get(type)
    if (part !== undefined) return part
    throw new CountersignError('unknown_type', `unknown ${this.#sort} "${type}"; known: ${this.names().join(', ')}`, { details: { type } })
  }

  has(type: string): boolean {
    return this.#parts.has(type)
  }

  names(): readonly string[] {
    return [...this.#parts.keys()].toSorted()
  }
}
