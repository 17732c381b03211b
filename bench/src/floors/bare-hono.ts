/** Hono on its Node adaptor and SQLite: reads the session and its connections, and answers with JSON; nobody is verified. */
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import Database from 'libsql'
import type { AddressInfo } from 'node:net'
import { argument, tellParent } from '../programs/parent.ts'

const { file } = argument() as { file: string }
const database = new Database(file)
database.pragma('journal_mode = WAL')
database.exec('CREATE TABLE sessions (id TEXT PRIMARY KEY, principal TEXT NOT NULL, expires_at INTEGER NOT NULL)')
database.exec('CREATE TABLE credentials (key TEXT PRIMARY KEY, principal_id TEXT NOT NULL, provider TEXT NOT NULL)')
database.exec('CREATE INDEX credentials_by_principal_id ON credentials (principal_id)')
const principal = { id: 'anonymous:bench', kind: 'anonymous' }
database.prepare('INSERT INTO sessions VALUES (?, ?, ?)').run(['bench', JSON.stringify(principal), Date.now() + 3_600_000])
const session = database.prepare('SELECT principal, expires_at FROM sessions WHERE id = ?')
const connections = database.prepare('SELECT provider FROM credentials WHERE principal_id = ?')

const app = new Hono()
app.get('/api/me', (context) => {
  const found = session.get([getCookie(context, 'session') ?? '']) as { principal: string; expires_at: number } | undefined
  if (!found || found.expires_at < Date.now()) return context.json({ error: 'unknown' }, 401)
  const known = JSON.parse(found.principal) as typeof principal
  const workflow = { name: 'Countersign', examples: [] }
  return context.json({ principal: known, workflow, connections: connections.all([known.id]) })
})
const server = createAdaptorServer({ fetch: app.fetch })
server.listen(0, '127.0.0.1', () => tellParent(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
