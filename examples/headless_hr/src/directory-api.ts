import { Hono } from 'hono'
import type { Trust } from './access-token.ts'
import { protect, type Protected } from './protect.ts'
import type { Person } from './records.ts'

/** The directory of Staff0: who has an account. `GET /users?email=…` lists whom that address belongs to, one or nobody. */
export function directoryApi(people: readonly Person[], trust: Trust): Hono<Protected> {
  const app = new Hono<Protected>()
  app.get('/users', protect(trust, 'read:users'), (context) => {
    const email = context.req.query('email')?.toLowerCase()
    if (email === undefined) return context.json({ error: 'invalid_request' }, 400)
    return context.json({ users: people.filter((person) => person.email === email) })
  })
  return app
}
