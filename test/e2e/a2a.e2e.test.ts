import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { AgentClient, stateOf } from '../a2a/agent-client.ts'

const command = fileURLToPath(new URL('../../packages/server/bin/countersign.js', import.meta.url))
const workflow = `functions: {who: {_type: who_am_i, auth_provider: work}}
llms: {main: {_type: keyword_router}}
authentication: {work: {_type: oauth2_auth_code_flow, issuer: https://id.example, client_id: chat, scopes: [openid]}}
workflow: {_type: tool_calling_agent, title: Who, llm_name: main, tool_names: [who]}
`

function workflowFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign agent '))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'w.yml')
  writeFileSync(file, workflow)
  return file
}

test('a workflow file that says nothing of it is an agent on this computer, says so, and ends with Ctrl-C', async () => {
  const words = [command, 'a2a', '--config_file', workflowFile(), '--port', '0', '--log_level', 'warn']
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const warnings = text(child.stderr)
  const said: unknown[] = await once(createInterface(child.stdout), 'line')
  const [, url = ''] = /^countersign: (http:\/\/localhost:\d+)\/\.well-known\/agent-card\.json$/.exec(String(said[0])) ?? []
  const client = await AgentClient.open(url, () => undefined)
  expect(stateOf(await client.ask('What can you do?'))).toBe('completed')
  const exited = once(child, 'exit')
  child.kill('SIGINT')
  expect(await exited).toEqual([130, null])
  expect(await warnings).toContain('there is no "server_auth"')
})

test('without tokens it does not listen where others could ask', async () => {
  const words = [command, 'a2a', '--config_file', workflowFile(), '--host', '0.0.0.0', '--port', '0']
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] })
  const said = text(child.stderr)
  expect(await once(child, 'exit')).toEqual([1, null])
  expect(await said).toContain('needs "server_auth" where others than this computer can reach it')
})
