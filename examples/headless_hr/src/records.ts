import { readFileSync } from 'node:fs'
import { z } from 'zod'

const person = z.strictObject({ id: z.string(), name: z.string(), email: z.email() })
const employee = z.strictObject({
  id: z.string(),
  name: z.string(),
  position: z.string(),
  status: z.enum(['active', 'inactive']),
  since: z.iso.date(),
  until: z.iso.date().optional(),
})

/** Somebody with an account at Staff0, whether employed or not. */
export type Person = z.output<typeof person>

/** What the payroll says of somebody. */
export type Employee = z.output<typeof employee>

/** Everybody with an account; Richard Miles is a contractor, and on no payroll. */
export function readPeople(): readonly Person[] {
  return read('people', person)
}

/** The payroll. */
export function readEmployees(): readonly Employee[] {
  return read('employees', employee)
}

function read<T extends z.ZodType>(name: string, record: T): readonly z.output<T>[] {
  const text = readFileSync(new URL(`../data/${name}.json`, import.meta.url), 'utf8')
  return z.array(record).parse(JSON.parse(text))
}
