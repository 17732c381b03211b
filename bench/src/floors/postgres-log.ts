import pg from 'pg'
import type { AppendLog } from './append-log.ts'

/** As many as ours has: PostgreSQL itself groups the commits of connections that commit at once. */
const CONNECTIONS = 10

/** An append-only log in PostgreSQL: each append is one prepared statement and one commit. */
export class PostgresLog implements AppendLog {
  readonly #pool: pg.Pool

  private constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  /** Makes the table. */
  static async open(url: string): Promise<PostgresLog> {
    const pool = new pg.Pool({ connectionString: url, max: CONNECTIONS })
    await pool.query(
      'CREATE TABLE IF NOT EXISTS log (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, conversation TEXT NOT NULL, body TEXT NOT NULL)',
    )
    return new PostgresLog(pool)
  }

  async append(...row: readonly [conversation: string, body: string]): Promise<void> {
    await this.#pool.query({ name: 'append', text: 'INSERT INTO log (conversation, body) VALUES ($1, $2)', values: [...row] })
  }

  close(): Promise<void> {
    return this.#pool.end()
  }
}
