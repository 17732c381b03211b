import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { serverSchema } from '../config/build.ts'
import { loadConfig } from '../config/load-config.ts'

test('a plan of the keyword router that names a function nobody configured is a mistake at its place', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-plan-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'workflow.yml')
  writeFileSync(
    file,
    `functions: {me: {_type: who_am_i, auth_provider: a, api_url: http://127.0.0.1/me}}
authentication: {a: {_type: oauth2_auth_code_flow, issuer: http://127.0.0.1, client_id: c}}
llms:
  router:
    _type: keyword_router
    plans: {who: {description: Who, calls: [{tool: me}, {tool: mee}], answer: You}}
workflow: {_type: tool_calling_agent, llm_name: router, tool_names: [me]}
`,
  )
  await expect(loadConfig({ file, schema: serverSchema(), environment: {} })).rejects.toMatchObject({
    message: expect.stringMatching(/:6:\d+ llms\.router\.plans\.who\.calls\.1\.tool: there is no "mee" in "functions"; did you mean "me"/),
  })
})
