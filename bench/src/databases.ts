import { statSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import pg from 'pg'
import type { DatabaseAt } from './floors/append-log.ts'
import { inFolder } from './workspace.ts'

/** What a server keeps its rows in. */
export type StoreKind = 'sqlite' | 'postgres'

/** Databases of one kind, for as long as something is measured. */
export interface Databases {
  readonly kind: StoreKind
  /** A new one, empty; in a folder that is gone afterwards. */
  make(name: string): Promise<DatabaseAt>
}

/** Lets `work` use databases of a kind: SQLite's are files, for PostgreSQL a server is started that waits for the disk at each commit. */
export function withDatabases<T>(kind: StoreKind, work: (databases: Databases) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    const at = (name: string): DatabaseAt => ({ file: join(folder, `${name}.db`) })
    if (kind === 'sqlite') return work({ kind, make: (name) => Promise.resolve(at(name)) })
    const cluster = await startCluster()
    try {
      return await work({ kind, make: async (name) => ({ ...at(name), url: await cluster.createDatabase() }) })
    } finally {
      await cluster.stop()
    }
  })
}

/** What a configuration calls it. */
export function storeUrl({ file, url = `sqlite:${file}` }: DatabaseAt): string {
  return url
}

/** What a database takes once nothing waits in a log and what was deleted is free, bytes. */
export async function sizeOf({ file, url }: DatabaseAt): Promise<number> {
  if (url !== undefined) {
    await ask(url, 'VACUUM')
    const [row] = await ask(url, 'SELECT pg_database_size(current_database()) AS bytes')
    return Number(row?.['bytes'])
  }
  const database = new Database(file)
  database.pragma('wal_checkpoint(TRUNCATE)')
  database.close()
  return statSync(file).size
}

/** Asks PostgreSQL. @returns the rows */
export async function ask(url: string, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

interface Cluster {
  createDatabase(): Promise<string>
  stop(): Promise<void>
}

/** The one that the tests use, which is no part of this package. */
async function startCluster(): Promise<Cluster> {
  const tool = (await import(new URL('../../tools/postgres-cluster.mjs', import.meta.url).href)) as {
    startCluster: (options: { isDurable: boolean }) => Promise<Cluster>
  }
  return tool.startCluster({ isDurable: true })
}
