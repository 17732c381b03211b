import { Hono } from 'hono'
import type { Trust } from './access-token.ts'
import { protect, type Protected } from './protect.ts'
import type { Employee } from './records.ts'

/** The payroll of Staff0. `GET /employees/:id` shows a record to nobody but the person it is about, and to whom they let act for them. */
export function hrApi(employees: readonly Employee[], trust: Trust): Hono<Protected> {
  const app = new Hono<Protected>()
  app.get('/employees/:id', protect(trust, 'read:employee'), (context) => {
    const id = context.req.param('id')
    // Before the payroll is looked at: who is on it is not to be learned with another one's token.
    if (id !== context.get('claims').subject) return context.json({ error: 'access_denied' }, 403, { 'www-authenticate': 'Bearer' })
    const employee = employees.find((each) => each.id === id)
    return employee === undefined ? context.json({ error: 'not_found' }, 404) : context.json(employee)
  })
  return app
}
