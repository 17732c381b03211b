import { type CompiledQuery, type ExpressionBuilder, type Kysely, sql } from 'kysely'
import type { SqlCompiler } from './sql-compiler.ts'
import { type PlainRow, type SqlTable, type SqlValue, columnOf, encode } from './sql-table.ts'
import { type AnyTables, bindWhere, conditionOf, isUnique } from './where-condition.ts'

/** A verb of a transaction with all it was given. */
export type Request =
  | { readonly verb: 'insert'; readonly table: SqlTable; readonly rows: readonly PlainRow[] }
  | ({ readonly verb: 'find'; readonly table: SqlTable; readonly where: PlainRow } & Order)
  | { readonly verb: 'update' | 'updateOne'; readonly table: SqlTable; readonly where: PlainRow; readonly change: PlainRow }
  | { readonly verb: 'remove'; readonly table: SqlTable; readonly where: PlainRow }

interface Order {
  readonly orderBy?: string | undefined
  readonly descending?: boolean | undefined
  readonly limit?: number | undefined
  readonly skipLocked?: boolean | undefined
}

/** A request ready to run: requests of one key share their SQL, the values fill its slots in their order. */
export interface BoundRequest {
  readonly key: string
  readonly parameters: readonly SqlValue[]
}

/**
 * The key and the values of a request; done for every statement, so it builds no SQL.
 * @throws CountersignError `invalid_request` for a column or a value the table does not have
 */
export function bind(request: Request): BoundRequest {
  const { verb, table } = request
  const parameters: SqlValue[] = []
  const key = `${verb} ${table.name}`
  switch (verb) {
    case 'insert':
      for (const row of request.rows) for (const column of table.columns) parameters.push(encode(column, row[column.name]))
      return { key: `${key} ${request.rows.length}`, parameters }
    case 'find': {
      const { orderBy, descending, limit, skipLocked } = request
      const where = bindWhere(table, request.where, parameters)
      if (limit !== undefined) parameters.push(limit)
      const order = `${orderBy ?? ''}${descending ? ' down' : ''}${limit === undefined ? '' : ' limit'}${skipLocked ? ' skip' : ''}`
      return { key: `${key}${where} by ${order}`, parameters }
    }
    case 'update':
    case 'updateOne': {
      const change = bindChange(table, request.change, parameters)
      return { key: `${key}${change} where${bindWhere(table, request.where, parameters)}`, parameters }
    }
    case 'remove':
      return { key: key + bindWhere(table, request.where, parameters), parameters }
  }
}

/** The SQL of a request, built by the compiler of the database's dialect. Its parameters are those of {@link bind}. */
export function compile(compiler: SqlCompiler, request: Request): CompiledQuery {
  const { table } = request
  const database = compiler.builder
  switch (request.verb) {
    case 'insert':
      return database
        .insertInto(table.name)
        .values(request.rows.map((row) => Object.fromEntries(table.columns.map((each) => [each.sqlName, encode(each, row[each.name])]))))
        .compile()
    case 'find':
      return compileFind(compiler, request)
    case 'update':
      return updateQuery(database, request).where(conditionOf(table, request.where)).compile()
    case 'updateOne':
      return updateQuery(database, request).where(oneOf(compiler, request)).returning(table.sqlNames).compile()
    case 'remove':
      return database.deleteFrom(table.name).where(conditionOf(table, request.where)).compile()
  }
}

function compileFind(compiler: SqlCompiler, request: Extract<Request, { verb: 'find' }>): CompiledQuery {
  const { table, where, orderBy, descending, limit, skipLocked } = request
  let query = compiler.builder.selectFrom(table.name).select(table.sqlNames).where(conditionOf(table, where))
  if (orderBy !== undefined) {
    const { sqlName, isNullable } = columnOf(table, orderBy)
    query = query.orderBy(sqlName, (order) => {
      const directed = descending ? order.desc() : order.asc()
      // Databases differ in where null stands; ours comes before every value.
      return isNullable ? (descending ? directed.nullsLast() : directed.nullsFirst()) : directed
    })
  }
  if (limit !== undefined) query = query.limit(limit)
  return (skipLocked && compiler.hasRowLocks ? query.forUpdate().skipLocked() : query).compile()
}

function updateQuery(database: Kysely<AnyTables>, { table, change }: { readonly table: SqlTable; readonly change: PlainRow }) {
  return database.updateTable(table.name).set((build) => assignments(build, table, change))
}

/** The where itself when it names one row; else the key of the first that passes, which nobody may change before this does. */
function oneOf({ builder, hasRowLocks }: SqlCompiler, { table, where }: { readonly table: SqlTable; readonly where: PlainRow }) {
  if (isUnique(table, where)) return conditionOf(table, where)
  const key = table.key.map((column) => column.sqlName)
  const passing = builder.selectFrom(table.name).select(key).where(conditionOf(table, where)).limit(sql.lit(1))
  const first = hasRowLocks ? passing.forUpdate() : passing
  return (build: ExpressionBuilder<AnyTables, string>) => build(sql`(${sql.join(key.map((name) => sql.ref(name)))})`, 'in', first)
}

function bindChange(table: SqlTable, change: PlainRow, parameters: SqlValue[]): string {
  let key = ''
  for (const name in change) {
    const column = columnOf(table, name)
    const value = change[name]
    const addend = addendOf(column.kind, value)
    key += addend === undefined ? ` ${name}` : ` ${name}+`
    parameters.push(encode(column, addend ?? value))
  }
  return key
}

/** An empty change keeps every row as it is, but still finds them: SQL asks for at least one assignment. */
function assignments(build: ExpressionBuilder<AnyTables, string>, table: SqlTable, change: PlainRow) {
  const names = Object.keys(change)
  if (names.length === 0) return Object.fromEntries(table.key.slice(0, 1).map(({ sqlName }) => [sqlName, build.ref(sqlName)]))
  return Object.fromEntries(
    names.map((name) => {
      const column = columnOf(table, name)
      const addend = addendOf(column.kind, change[name])
      const { sqlName } = column
      return [sqlName, addend === undefined ? build.val(encode(column, change[name])) : build(sqlName, '+', addend)]
    }),
  )
}

/** JSON columns hold objects, so only a number can be added to. */
function addendOf(kind: 'text' | 'integer' | 'json', value: unknown): number | undefined {
  if (kind !== 'integer' || typeof value !== 'object' || value === null || !('add' in value)) return undefined
  return typeof value.add === 'number' ? value.add : undefined
}
