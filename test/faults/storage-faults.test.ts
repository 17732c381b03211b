import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '@countersign/core'
import { gate } from '@countersign/core/testing'
import { loadConfig, nodeRuntime, openSqliteStore, serve, serverSchema } from '@countersign/server'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../packages/server/src/store/open-database.ts'

test('a database that another program has locked: not ready within seconds, alive all the same, and ready again when it is let go', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign storage '))
  const file = join(folder, 'countersign.db')
  const server = await served(folder, file)
  const readiness = async (): Promise<unknown> => {
    const response = await fetch(`${server.publicOrigin}/health/ready`)
    return { http: response.status, ...((await response.json()) as object) }
  }
  expect(await readiness()).toEqual({ http: 200, status: 'ready' })
  // Another connection to the same file, in the middle of a write that it does not end.
  const other = await openSqliteStore({ file, runtime: nodeRuntime(silentLog), lock: false, stuckUnitMs: 60_000 })
  onTestFinished(() => other.close())
  const [locked, enough] = [gate(), gate()]
  const held = other.transact('hold', async (transaction) => {
    await transaction.update('streams', { id: 'nobody' }, { number: 1 })
    locked.open()
    await enough.opened
  })
  await locked.opened
  await expect.poll(readiness, { timeout: 10_000 }).toEqual({ http: 503, status: 'storage_unavailable' })
  expect((await fetch(`${server.publicOrigin}/health`)).status).toBe(200)
  enough.open()
  await held
  await expect.poll(readiness, { timeout: 10_000 }).toEqual({ http: 200, status: 'ready' })
})

test.each([
  ['is no database', 'This is a text and no database, long enough to be taken for one at the first look of a reader who is in a hurry.'],
  ['is of a newer version', undefined],
])('a database file that %s: the start says so in one line, and leaves nothing behind', async (_what, text) => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign storage '))
  const file = join(folder, 'countersign.db')
  if (text !== undefined) writeFileSync(file, text)
  else await newerDatabase(file)
  await expect(served(folder, file)).rejects.toMatchObject({
    code: 'storage_unavailable',
    message: expect.stringMatching(text === undefined ? /a newer version wrote this database/ : /could not be (opened|used)/),
  })
  rmSync(file)
  const server = await served(folder, file)
  expect((await fetch(`${server.publicOrigin}/health/ready`)).status).toBe(200)
})

/** A server whose database is this file. Ends with the test. */
async function served(folder: string, file: string) {
  const workflow = join(folder, 'workflow.yml')
  const parts = { llms: { demo: { _type: 'keyword_router' } }, workflow: { _type: 'tool_calling_agent', llm_name: 'demo' } }
  const general = { front_end: { host: 'localhost', port: 0 } }
  writeFileSync(workflow, JSON.stringify({ general, store: { url: `sqlite:${file}` }, ...parts }))
  const { config } = await loadConfig({ file: workflow, schema: serverSchema(), environment: {} })
  const server = await serve(config, { log: silentLog })
  onTestFinished(async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return server
}

async function newerDatabase(file: string): Promise<void> {
  const store = await openSqliteStore({ file, runtime: nodeRuntime(silentLog) })
  await store.close()
  const database = openDatabase({ file, synchronous: 'FULL' })
  database.exec("insert into schema_migrations (name, timestamp) values ('9999-tomorrow', '2030-01-01')")
  database.close()
}
