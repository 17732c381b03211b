import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { serverSchema } from './build.ts'
import { loadConfig } from './load-config.ts'

test("what NAT's front end for A2A has besides has no effect, and is no mistake", async () => {
  const a2a = {
    name: 'The asked',
    capabilities: { streaming: true, push_notifications: false },
    max_concurrency: 8,
    default_input_modes: ['text', 'text/plain'],
    default_output_modes: ['text', 'text/plain'],
    runner_class: null,
  }
  const { config, warnings } = await loadWith({ a2a })
  expect(config.general.front_end.a2a?.name).toBe('The asked')
  expect(warnings.map(({ path, sentence }) => `${path} ${sentence}`).toSorted()).toEqual(
    ['capabilities', 'default_input_modes', 'default_output_modes', 'max_concurrency', 'runner_class'].map(
      (key) => `general.front_end.a2a.${key} has no effect here`,
    ),
  )
})

test('what neither has there is a mistake', async () => {
  await expect(loadWith({ a2a: { max_concurency: 8 } })).rejects.toThrow('general.front_end.a2a.max_concurency: unknown key')
})

function loadWith(frontEnd: object) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-ignored-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'w.yml')
  const workflow = { _type: 'tool_calling_agent', llm_name: 'main', tool_names: [] }
  writeFileSync(file, JSON.stringify({ general: { front_end: frontEnd }, llms: { main: { _type: 'keyword_router' } }, workflow }))
  return loadConfig({ file, schema: serverSchema(), environment: {} })
}
