import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { appendToStream, Checkpoints, type Runtime, type Store, systemRuntime } from '@countersign/core'
import { openPostgresStore, openSqliteStore } from '@countersign/server'
import { expect, onTestFinished, test } from 'vitest'
import { openReader } from '../../packages/server/src/store/open-reader.ts'
import { createDatabase } from '../../tools/postgres-cluster.mjs'
import { readAudit, signerOf, verified } from './audit-story.ts'

const signer = signerOf('k-audit', 7)

test.each(['sqlite', 'postgres'] as const)(
  'on %s two processes write and sign while a third one verifies: whole at every look, and each record is covered once',
  async (kind) => {
    const runtime = hurriedRuntime()
    const { stores, reader } = await open(kind, runtime)
    const over = new AbortController()
    const written = Promise.all(stores.map((store, process) => writeAndSign(store, runtime, process))).finally(() => over.abort())
    const looks: (readonly string[])[] = []
    while (!over.signal.aborted) looks.push((await verified(reader, { runtime, signer })).found)
    await written
    expect(new Set(looks.flat())).toEqual(new Set())
    expect(looks.length).toBeGreaterThan(1)
    const { verdict, found } = await verified(reader, { runtime, signer })
    expect(found).toEqual([])
    expect(verdict).toMatchObject({ isWhole: true, records: 2 * RECORDS, uncovered: 0 })
    const { checkpoints } = await readAudit(reader)
    expect(checkpoints.flatMap(({ heads }) => heads).reduce((sum, [, from, number]) => sum + number - from, 0)).toBe(2 * RECORDS)
  },
  30_000,
)

test('on postgres a checkpoint waits for nobody: the chain that somebody writes to meanwhile is covered by the next', async () => {
  const runtime = systemRuntime()
  const { stores, reader } = await open('postgres', runtime)
  const [here, there] = stores
  if (!here || !there) throw new Error('two processes')
  for (const stream of ['instance', 'principal:ada', 'principal:bob']) await append(here, runtime, stream)
  const checkpoints = new Checkpoints({ store: here, runtime, signer })
  // In the middle of a unit of another process.
  await there.transact('write', async (transaction) => {
    await transaction.update('streams', { id: 'principal:ada' }, { number: { add: 0 } })
    await checkpoints.close()
  })
  await checkpoints.close()
  const { checkpoints: made } = await readAudit(reader)
  expect(made.map(({ heads }) => heads.map(([stream]) => stream))).toEqual([['instance', 'principal:bob'], ['principal:ada']])
})

test('a reader makes nothing, waits for nobody and cannot write', async () => {
  const folder = newFolder()
  const config = { directory: folder, store: { url: 'sqlite:countersign.db', max_connections: 2, timeout_seconds: 10 } }
  await expect(openReader(config, systemRuntime())).rejects.toMatchObject({ code: 'storage_unavailable' })
  const server = await openSqliteStore({ file: join(folder, 'countersign.db'), runtime: systemRuntime() })
  const reader = await openReader(config, systemRuntime())
  // In the middle of a unit of the server's.
  const seen = await server.transact('write', async (transaction) => {
    await transaction.insert('streams', { id: 'a', number: 0, head: '' })
    return reader.transact('read', (reading) => reading.find('streams', {}))
  })
  expect(seen).toEqual([])
  const write = reader.transact('write', (transaction) => transaction.insert('streams', { id: 'b', number: 0, head: '' }))
  await expect(write).rejects.toMatchObject({ code: 'storage_unavailable' })
  await reader.close()
  await server.transact('write', (transaction) => transaction.insert('streams', { id: 'c', number: 0, head: '' }))
  await server.close()
})

const RECORDS = 300

/** What a busy process does: records of its own and of a chain that both write, and a look at what is to be signed again and again. */
async function writeAndSign(store: Store, runtime: Runtime, process: number): Promise<void> {
  const checkpoints = new Checkpoints({ store, runtime, signer })
  for (let count = 0; count < RECORDS; count += 1) {
    const stream = count % 3 === 0 ? 'instance' : `principal:${process}-${count % 20}`
    await append(store, runtime, stream)
    if (count % 10 === 9) await checkpoints.tick()
  }
  await checkpoints.close()
}

function append(store: Store, runtime: Runtime, stream: string): Promise<void> {
  const record = { type: 'disconnect', principal: 'ada', provider: 'demo' } as const
  return store.transact('append', (transaction) => appendToStream(transaction, runtime, { stream, record }))
}

/** Real time, of which each look at the clock takes a second: what is done every ten seconds is done often. */
function hurriedRuntime(): Runtime {
  const runtime = systemRuntime()
  let now = runtime.now()
  return { ...runtime, now: () => (now += 1_000) }
}

async function open(kind: 'sqlite' | 'postgres', runtime: Runtime): Promise<{ stores: readonly Store[]; reader: Store }> {
  const stores: Store[] = []
  onTestFinished(async () => {
    for (const store of stores) await store.close()
  })
  const folder = newFolder()
  const url = kind === 'postgres' ? await createDatabase() : `sqlite:${join(folder, 'countersign.db')}`
  const file = join(folder, 'countersign.db')
  for (let process = 0; process < 2; process += 1)
    stores.push(await (kind === 'postgres' ? openPostgresStore({ url, runtime }) : openSqliteStore({ file, runtime, lock: false })))
  // Both write the chain of the instance: it is there before they start.
  const [first] = stores
  await first?.transact('begin', (transaction) => transaction.insert('streams', { id: 'instance', number: 0, head: '' }))
  const reader = await openReader({ directory: folder, store: { url, max_connections: 4, timeout_seconds: 10 } }, systemRuntime())
  stores.push(reader)
  return { stores: stores.slice(0, 2), reader }
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'audit '))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}
