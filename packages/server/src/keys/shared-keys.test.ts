import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Log, Store } from '@countersign/core'
import { expect, onTestFinished, test } from 'vitest'
import { createDatabase } from '../../../../tools/postgres-cluster.mjs'
import { serverSchema } from '../config/build.ts'
import { loadConfig } from '../config/load-config.ts'
import { type CountersignServer, serve } from '../serve.ts'

test('a server on a shared database says that its keys are new; one with other keys does not start; one that is given the same does', async () => {
  const url = await createDatabase()
  const first = serverFolder(url)
  const { store } = await start(first)
  expect(first.warnings).toEqual([
    'new keys were made; servers that share a database need the same keys: in one key file, or its text in COUNTERSIGN_KEYS',
  ])
  const text = readFileSync(join(first.folder, '.countersign', 'keys.json'), 'utf8')
  const { vault } = JSON.parse(text) as { vault: readonly [{ id: string }] }
  await keepCredential(store, vault[0].id)
  await expect(start(serverFolder(url))).rejects.toMatchObject({
    code: 'invalid_config',
    message: expect.stringContaining(`credentials under the vault key "${vault[0].id}", which this server has not; servers that share`),
  })
  const second = serverFolder(url)
  await start(second, { COUNTERSIGN_KEYS: text })
  expect(second.warnings).toEqual([])
  const third = serverFolder(url, { keys: { file: join(first.folder, '.countersign', 'keys.json') } })
  await start(third)
  expect(third.warnings).toEqual([])
}, 30_000)

test('keys that are named in two ways are refused', async () => {
  const twice = serverFolder('sqlite:some.db', { keys: { file: 'keys.json' } })
  await expect(start(twice, { COUNTERSIGN_KEYS: '{}' })).rejects.toThrow('COUNTERSIGN_KEYS is set, and the workflow file has "keys" too')
  const both = serverFolder('sqlite:some.db', { keys: { file: 'keys.json', secret: '${KEYS}' } })
  await expect(start(both, { KEYS: '{}' })).rejects.toThrow('name the keys in one way')
})

test('keys in a variable of the workflow file are shown to nobody', async () => {
  const { file } = serverFolder('sqlite:some.db', { keys: { secret: '${KEYS}' } })
  const { redacted } = await loadConfig({ file, schema: serverSchema(), environment: { KEYS: 'hunter2-and-more' } })
  expect(redacted).toMatchObject({ keys: { secret: '***' } })
})

interface ServerFolder {
  readonly folder: string
  readonly file: string
  readonly warnings: string[]
}

function serverFolder(url: string, more: object = {}): ServerFolder {
  const folder = mkdtempSync(join(tmpdir(), 'shared keys '))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'workflow.yml')
  const workflow = {
    general: { front_end: { host: '127.0.0.1', port: 0 } },
    store: { url },
    llms: { router: { _type: 'keyword_router' } },
    workflow: { _type: 'tool_calling_agent', llm_name: 'router' },
    ...more,
  }
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(workflow))
  return { folder, file, warnings: [] }
}

async function start({ file, warnings }: ServerFolder, environment: Readonly<Record<string, string>> = {}): Promise<CountersignServer> {
  const { config } = await loadConfig({ file, schema: serverSchema(), environment })
  const ignore = (): void => undefined
  const log: Log = { debug: ignore, info: ignore, error: ignore, warn: (message) => void warnings.push(message) }
  const server = await serve(config, { log })
  onTestFinished(() => server.stop())
  return server
}

function keepCredential(store: Store, keyId: string): Promise<void> {
  const place = { key: 'key', principalId: 'user:ada', provider: 'calendar', scopes: [], sealed: `v1.${keyId}.AAAA.AAAA` }
  const times = { expiresAt: null, refreshable: 0, version: 1, refreshUntil: 0, updatedAt: 1, connectedAt: 1 }
  return store.transact('keep', (transaction) => transaction.insert('credentials', { ...place, ...times }))
}
