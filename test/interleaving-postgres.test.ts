import { type Store, systemRuntime } from '@countersign/core'
import {
  brokenInvariants,
  type Incidents,
  playInterleaved,
  type Sabotage,
  sabotaged,
  type VirtualRuntime,
  virtualRuntime,
} from '@countersign/core/testing'
import { openPostgresStore } from '@countersign/server'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase } from '../tools/postgres-cluster.mjs'
import { anyIncidents, never, sometimes } from './any-incidents.ts'

const busy: fc.Arbitrary<Incidents> = fc.record({
  crashAt: never,
  cancel: sometimes,
  newerMessage: sometimes,
  expiry: never,
  pause: never,
  deny: fc.boolean(),
})

let stores: Record<'a' | 'b' | 'c', Store>
/** One connection: what several stories ask of it at once waits its turn. */
let admin: pg.Pool

beforeAll(async () => {
  const url = await createDatabase()
  admin = new pg.Pool({ connectionString: url, max: 1 })
  const open = (): Promise<Store> => openPostgresStore({ url, maxConnections: 4, runtime: systemRuntime() })
  await admin.query(`create schema virtual; create table virtual.clock (at bigint not null); insert into virtual.clock values (0)`)
  await admin.query(
    `create function virtual.clock_timestamp() returns timestamptz language sql volatile as 'select to_timestamp(at / 1000.0) from virtual.clock'`,
  )
  // Whoever connects from now on finds this clock before the server's own.
  await admin.query(`do $$ begin execute format('alter database %I set search_path = virtual, pg_catalog', current_database()); end $$`)
  stores = { a: await open(), b: await open(), c: await open() }
})

afterAll(async () => {
  await Promise.all(Object.values(stores).map((store) => store.close()))
  await admin.end()
})

test('runs on PostgreSQL, in any order of steps and side by side in two processes, have one winner, one reply a turn, no second effect, and are never stuck', async () => {
  await fc.assert(story(anyIncidents), { numRuns: 60, interruptAfterTimeLimit: 40_000 })
}, 120_000)

test('they would not be without the lock of their conversation', async () => {
  const result = await fc.check(story(busy, 'lock'), { numRuns: 400, endOnFailure: true })
  expect(result.failed).toBe(true)
}, 120_000)

function story(happens: fc.Arbitrary<Incidents>, rule?: Sabotage): fc.IAsyncProperty<[fc.Scheduler, Incidents, number]> {
  return fc.asyncProperty(fc.scheduler(), happens, fc.integer({ min: 1, max: 4 }), async (scheduler, incidents, atOnce) => {
    await empty()
    const runtime = await clockOfDatabase(virtualRuntime())
    const doors = rule ? { a: sabotaged(stores.a, rule), b: sabotaged(stores.b, rule), c: sabotaged(stores.c, rule) } : stores
    const seen = await playInterleaved({ stores: doors, runtime, scheduler, incidents, atOnce })
    expect(brokenInvariants(seen, incidents)).toEqual([])
  })
}

/** Time passes in the database as it does in the story. */
async function clockOfDatabase(runtime: VirtualRuntime): Promise<VirtualRuntime> {
  const set = async (): Promise<unknown> => admin.query('update virtual.clock set at = $1', [runtime.now()])
  await set()
  return {
    ...runtime,
    async advance(ms) {
      await runtime.advance(ms)
      await set()
    },
  }
}

async function empty(): Promise<void> {
  const { rows } = await admin.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'virtual' and tablename <> 'clock' and tablename not like 'schema_migration%'`,
  )
  await admin.query(`truncate ${rows.map(({ name }) => `virtual.${name}`).join()}`)
}
