import type { PoolClient, QueryArrayConfig } from 'pg'
import { postgresCompiler } from './sql-compiler.ts'
import { type PlainRow, type SqlTable, decodeRow } from './sql-table.ts'
import { type Request, bind, compile } from './statements.ts'

/** A statement by the name under which each connection prepares it once. */
interface Named {
  readonly name: string
  readonly text: string
}

/** What came of a statement. */
interface Outcome {
  readonly rows: readonly (readonly unknown[])[]
  readonly rowCount: number | null
}

/** How many shapes are known by name; beyond them statements are prepared for one use, so that no server is filled with them. */
const maxNamed = 500

const named = new Map<string, Named>()

/** Requests of the domain, and what marks where transactions begin and end, on one connection of the pool. */
export class PostgresConnection {
  readonly #client: PoolClient

  constructor(client: PoolClient) {
    this.#client = client
  }

  /** @returns how many rows it touched */
  async run(request: Request): Promise<number> {
    return (await this.#send(request)).rowCount ?? 0
  }

  async all(request: Request): Promise<PlainRow[]> {
    return decoded(request.table, await this.#send(request))
  }

  /** Begins a transaction. @returns the database's clock, epoch milliseconds */
  async begin(): Promise<number> {
    // Both leave in one go; a connection that is lost fails both.
    const begun = this.#client.query('begin')
    const asked: QueryArrayConfig = { name: 'clock', text: clockText, rowMode: 'array' }
    const [, { rows }] = await Promise.all([begun, this.#client.query<unknown[]>(asked)])
    return Number(rows[0]?.[0])
  }

  async lock(key: string): Promise<void> {
    await this.#client.query({ name: 'lock', text: 'select pg_advisory_xact_lock(hashtextextended($1, 0))', values: [key] })
  }

  /** @returns whether it was committed: a transaction in which a statement failed is rolled back instead */
  async commit(): Promise<boolean> {
    const { command } = await this.#client.query('commit')
    return command === 'COMMIT'
  }

  async rollBack(): Promise<void> {
    await this.#client.query('rollback')
  }

  #send(request: Request): Promise<Outcome> {
    const { key, parameters } = bind(request)
    const asked: QueryArrayConfig = { ...statementOf(key, request), values: [...parameters], rowMode: 'array' }
    return this.#client.query<unknown[]>(asked)
  }
}

const clockText = 'select (extract(epoch from clock_timestamp()) * 1000)::bigint'

function statementOf(key: string, request: Request): Partial<Named> & { readonly text: string } {
  const known = named.get(key)
  if (known) return known
  const text = compile(postgresCompiler, request).sql
  if (named.size >= maxNamed) return { text }
  const statement = { name: `s${named.size}`, text }
  named.set(key, statement)
  return statement
}

function decoded(table: SqlTable, { rows }: Outcome): PlainRow[] {
  return rows.map((values) => decodeRow(table, values))
}
