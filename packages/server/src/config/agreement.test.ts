import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { serverSchema } from './build.ts'
import { loadConfig } from './load-config.ts'

const callback = 'http://localhost:8000/auth/redirect'
const shares = (name: string): string =>
  `shares its callback with another authorization server; unless each names itself in its answers (iss, RFC 9207), give it a redirect_uri of its own that ends with "/${name}"`

const cases: Readonly<Record<string, readonly [object, readonly string[]]>> = {
  'one authorization server': [{ google: { issuer: 'https://google.example' } }, []],
  'two entries for one': [{ google: { issuer: 'https://google.example' }, again: { issuer: 'https://google.example' } }, []],
  'two that share a callback': [
    { google: { issuer: 'https://google.example' }, github: { issuer: 'https://github.example', redirect_uri: callback } },
    [`authentication.google ${shares('google')}`, `authentication.github ${shares('github')}`],
  ],
  'two of which one has a callback of its own': [
    { google: { issuer: 'https://google.example' }, github: { issuer: 'https://github.example', redirect_uri: `${callback}/github` } },
    [],
  ],
}

test.each(Object.entries(cases))('%s', async (_name, [entries, expected]) => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign agreement '))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'workflow.yml')
  const client = { _type: 'oauth2_auth_code_flow', client_id: 'client' }
  const authentication = Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, { ...client, ...(entry as object) }]))
  const rest = { llms: { demo: { _type: 'keyword_router' } }, workflow: { _type: 'tool_calling_agent', llm_name: 'demo' } }
  writeFileSync(file, JSON.stringify({ authentication, ...rest }))
  const { warnings } = await loadConfig({ file, schema: serverSchema(), environment: {} })
  expect(warnings.map(({ path, sentence }) => `${path} ${sentence}`)).toEqual(expected)
})

test("a callback that is neither the server's nor below it is refused", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign agreement '))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'workflow.yml')
  const entry = { _type: 'oauth2_auth_code_flow', client_id: 'client', issuer: 'https://google.example' }
  const rest = { llms: { demo: { _type: 'keyword_router' } }, workflow: { _type: 'tool_calling_agent', llm_name: 'demo' } }
  for (const uri of [`${callback}/other`, `${callback}/`, 'http://localhost:8000/other', 'https://evil.example/auth/redirect/google']) {
    writeFileSync(file, JSON.stringify({ authentication: { google: { ...entry, redirect_uri: uri } }, ...rest }))
    await expect(loadConfig({ file, schema: serverSchema(), environment: {} })).rejects.toThrow(`this server's is "${callback}"`)
  }
})
