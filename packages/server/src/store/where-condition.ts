import { CountersignError } from '@countersign/core'
import { type Expression, type ExpressionBuilder, type ExpressionWrapper, type SqlBool, sql } from 'kysely'
import { type PlainRow, type SqlColumn, type SqlTable, type SqlValue, columnOf, isStorable } from './sql-table.ts'

/** Tables of whatever columns: which there are, the descriptions know. */
export type AnyTables = Record<string, Record<string, unknown>>

/** The signs by which tests are told apart in a statement's key. */
type Sign = '=' | '0' | 'x' | '>' | '<' | '!' | '*' | '#'

/** Adds the values of a where to `parameters`. @returns what the SQL depends on: its columns and the kinds of their tests */
export function bindWhere(table: SqlTable, where: PlainRow, parameters: SqlValue[]): string {
  let key = ''
  for (const name in where) {
    const column = columnOf(table, name)
    const test = where[name]
    const sign = signOf(column, test)
    key += ` ${name}${sign}`
    if (sign === '#') key += String(bindOneOf(column, test, parameters))
    else if (takesValue(sign)) parameters.push(operand(test))
  }
  return key
}

/** The same where as a condition, with the same values in the same order. */
export function conditionOf(table: SqlTable, where: PlainRow) {
  return (build: ExpressionBuilder<AnyTables, string>): ExpressionWrapper<AnyTables, string, SqlBool> =>
    build.and(Object.keys(where).map((name) => testOf(build, columnOf(table, name), where[name])))
}

/** Whether at most one row can pass: all columns of the key, or of a unique combination, are asked for a value. */
export function isUnique(table: SqlTable, where: PlainRow): boolean {
  return table.unique.some((columns) => columns.every((name) => typeof where[name] === 'string' || typeof where[name] === 'number'))
}

function testOf(build: ExpressionBuilder<AnyTables, string>, column: SqlColumn, test: unknown): Expression<SqlBool> {
  const sign = signOf(column, test)
  const { sqlName } = column
  switch (sign) {
    case '=':
      return build(sqlName, '=', operand(test))
    case '0':
      return build(sqlName, 'is', null)
    case '*':
      return build(sqlName, 'is not', null)
    case 'x':
      return sql<SqlBool>`1 = 0`
    case '>':
      return build(sqlName, '>', operand(test))
    case '<':
      return build(sqlName, '<=', operand(test))
    case '!':
      return build(sqlName, '<>', operand(test))
    case '#': {
      const values: SqlValue[] = []
      bindOneOf(column, test, values)
      return build(sqlName, 'in', values)
    }
  }
}

/** A value that the column cannot hold is equal to none: databases would convert it, or cut it. */
function signOf(column: SqlColumn, test: unknown): Sign {
  if (test === null) return '0'
  if (column.kind === 'json')
    throw new CountersignError('invalid_request', `JSON column "${column.name}" of table "${column.table}" cannot be asked`)
  if (typeof test !== 'object') return fits(column, test) ? '=' : 'x'
  if ('above' in test) return fits(column, test.above) ? '>' : 'x'
  if ('atMost' in test) return column.kind === 'integer' && typeof test.atMost === 'number' ? '<' : 'x'
  if ('oneOf' in test) return Array.isArray(test.oneOf) && test.oneOf.some((value) => fits(column, value)) ? '#' : 'x'
  if ('not' in test) return fits(column, test.not) ? '!' : '*'
  return 'x'
}

function takesValue(sign: Sign): boolean {
  return sign === '=' || sign === '>' || sign === '<' || sign === '!'
}

function operand(test: unknown): SqlValue {
  if (typeof test !== 'object' || test === null) return plain(test)
  if ('above' in test) return plain(test.above)
  if ('atMost' in test) return plain(test.atMost)
  return 'not' in test ? plain(test.not) : null
}

function plain(value: unknown): SqlValue {
  return typeof value === 'string' || typeof value === 'number' ? value : null
}

/** Lists are filled up to a power of two with their first value, so that few lengths make few statements. @returns the length */
function bindOneOf(column: SqlColumn, test: unknown, parameters: SqlValue[]): number {
  const values: unknown[] = typeof test === 'object' && test !== null && 'oneOf' in test && Array.isArray(test.oneOf) ? test.oneOf : []
  const fitting = values.filter((value): value is string | number => fits(column, value))
  const length = 2 ** Math.ceil(Math.log2(fitting.length))
  for (let index = 0; index < length; index += 1) parameters.push(fitting[index] ?? fitting[0] ?? null)
  return length
}

function fits(column: SqlColumn, value: unknown): boolean {
  return column.kind === 'text' ? typeof value === 'string' && isStorable(value) : typeof value === 'number'
}
