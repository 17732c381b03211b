import Database from 'libsql'

/** One row appended to a conversation. */
type Append = readonly [conversation: string, body: string]

/** An append-only log in SQLite, synchronous FULL; what is appended in one turn of the event loop shares a commit. */
export class GroupCommit {
  readonly #database: Database.Database
  readonly #insert: Database.Statement
  #waiting: { readonly row: Append; readonly resolve: () => void }[] = []

  constructor(file: string) {
    this.#database = new Database(file)
    this.#database.pragma('journal_mode = WAL')
    this.#database.pragma('synchronous = FULL')
    this.#database.exec('CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, conversation TEXT NOT NULL, body TEXT NOT NULL)')
    this.#insert = this.#database.prepare('INSERT INTO log (conversation, body) VALUES (?, ?)')
  }

  /** Resolves once the row is on the disk. */
  append(...row: Append): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#commit())
      this.#waiting.push({ row, resolve })
    })
  }

  close(): void {
    this.#database.pragma('wal_checkpoint(TRUNCATE)')
    this.#database.close()
  }

  #commit(): void {
    const group = this.#waiting
    this.#waiting = []
    this.#database.exec('BEGIN IMMEDIATE')
    for (const { row } of group) this.#insert.run([...row])
    this.#database.exec('COMMIT')
    for (const { resolve } of group) resolve()
  }
}
