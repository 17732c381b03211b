import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { auditTypes } from '@countersign/core'
import { expect, test } from 'vitest'

const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'audit.md'), 'utf8')

test('the page on the audit has a row for each type of record, in words that the code shares, and for no other', () => {
  const section = page.split('## What is recorded')[1]?.split('\n## ')[0] ?? ''
  const rows = [...section.matchAll(/^\| `([\w-]+)` \| ([^|]+) \|/gm)].map(([, type = '', when = '']) => [type, when])
  expect(rows.map(([type]) => type)).toEqual(Object.keys(auditTypes))
  const others = rows.filter(([type = '', when = '']) => !when.startsWith(auditTypes[type as keyof typeof auditTypes]))
  expect(others).toEqual([])
})

test('the page on the audit names every problem that a verification can find', () => {
  const source = readFileSync(join(import.meta.dirname, '..', 'packages/core/src/audit/audit-finding.ts'), 'utf8')
  const union = source.split('export type AuditProblem =')[1]?.split('\n\n')[0] ?? ''
  const problems = [...union.matchAll(/\| '(\w+)'/g)].map(([, problem]) => problem)
  const rows = [...page.matchAll(/^\| `(\w+)` \| [^|]+ \|$/gm)].map(([, problem]) => problem)
  expect(problems).toHaveLength(9)
  expect(rows.filter((row) => problems.includes(row))).toEqual(problems)
})
