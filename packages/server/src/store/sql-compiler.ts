import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { AnyTables } from './where-condition.ts'

/** Writes the SQL of one database and never runs it. */
export interface SqlCompiler {
  readonly builder: Kysely<AnyTables>
  /** Whether other connections write meanwhile, so that a row which is chosen must be held. */
  readonly hasRowLocks: boolean
}

export const sqliteCompiler: SqlCompiler = {
  builder: new Kysely({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (database) => new SqliteIntrospector(database),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  }),
  hasRowLocks: false,
}

export const postgresCompiler: SqlCompiler = {
  builder: new Kysely({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (database) => new PostgresIntrospector(database),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  }),
  hasRowLocks: true,
}
