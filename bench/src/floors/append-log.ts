import { GroupCommit } from './group-commit.ts'

/** An empty database of its own; what lies beside it lies beside `file`. */
export interface DatabaseAt {
  /** Where SQLite keeps the rows. */
  readonly file: string
  /** Where PostgreSQL keeps them: `postgres://…`; absent for SQLite. */
  readonly url?: string
}

/** The least that keeps a conversation: rows that are appended to one table. */
export interface AppendLog {
  /** Resolves once the row is on the disk. */
  append(conversation: string, body: string): Promise<void>
  close(): void | Promise<void>
}

/** Opens the log; the driver that is not needed is not loaded. */
export async function openLog({ file, url }: DatabaseAt): Promise<AppendLog> {
  if (url === undefined) return new GroupCommit(file)
  const { PostgresLog } = await import('./postgres-log.ts')
  return await PostgresLog.open(url)
}
