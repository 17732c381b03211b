import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'

const command = fileURLToPath(new URL('../../packages/server/bin/countersign.js', import.meta.url))
const server = fileURLToPath(new URL('../../packages/server', import.meta.url))

const workflow = `functions: {who: {_type: who_am_i, auth_provider: work}, idle: {_type: who_am_i, auth_provider: work}}
llms: {main: {_type: openai, model_name: small, api_key: "\${MODEL_KEY}"}}
authentication: {work: {_type: oauth2_auth_code_flow, issuer: https://id.example, client_id: chat, scopes: [openid], client_secret: "\${CLIENT_SECRET}"}}
workflow: {_type: tool_calling_agent, title: Who, llm_name: main, tool_names: [who]}
`
const environment = { MODEL_KEY: 'sk-planted-1', CLIENT_SECRET: 'planted-2' }

/** A folder with these files. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign command '))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

interface Said {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** What the command says in a folder, and with which code it ends. */
async function countersign(folder: string, ...args: string[]): Promise<Said> {
  const child = spawn(process.execPath, [command, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, out, err }
}

describe('countersign validate', () => {
  test('says what a file comes to, without its secrets, and writes nothing', async () => {
    const folder = folderWith({ 'w.yml': workflow })
    const said = await countersign(folder, 'validate', '--config_file', 'w.yml')
    expect(said).toEqual({
      code: 0,
      err: '',
      out: `w.yml is valid.

  workflow  tool_calling_agent: Who
  models    main (openai)
  tools     who (who_am_i) needs a sign-in at work with openid
  sign-ins  work (oauth2_auth_code_flow) at id.example, as chat
  not used  idle
  address   http://localhost:8000
  database  ${join(folder, '.countersign', 'countersign.db')}
`,
    })
    expect(readdirSync(folder)).toEqual(['w.yml'])
  })

  test('prints the whole file as it is understood, without its secrets', async () => {
    const folder = folderWith({ 'w.yml': 'base: base.yml\nstore: {url: "sqlite:${DB:-a.db}"}\n', 'base.yml': workflow })
    const said = await countersign(folder, 'validate', '--config_file', 'w.yml', '--print', '--override', 'workflow.title', 'What')
    expect(said.out).toContain('\nstore:\n  url: sqlite:a.db\n')
    expect(said.out).toContain('\nworkflow:\n  _type: tool_calling_agent\n  title: What\n')
    expect(said.out).toContain('api_key: "***"\n')
    expect(said.out + said.err).not.toContain('planted')
  })

  test('says all that is wrong with a file, at its places', async () => {
    const folder = folderWith({ 'w.yml': workflow.replace('who]', 'whom]').replace('title', 'titel') })
    expect(await countersign(folder, 'validate', '--config_file', 'w.yml', '--override', 'general.front_end.port', '80000')).toEqual({
      code: 1,
      out: '',
      err: `--override general.front_end.port: must be at most 65535
w.yml:4:39 workflow.titel: unknown key "titel"; did you mean "title"? known: additional_instructions, description, examples, llm_name, max_history, max_tool_calls, system_prompt, title, tool_names
    workflow: {_type: tool_calling_agent, titel: Who, llm_name: main, tool_names: [whom]}
                                          ^
w.yml:4:80 workflow.tool_names.0: there is no "whom" in "functions"; did you mean "who"? known: who, idle
    workflow: {_type: tool_calling_agent, titel: Who, llm_name: main, tool_names: [whom]}
                                                                                   ^
`,
    })
  })

  test('warns of what is questionable, and refuses it when it is strict', async () => {
    const key = [{ id: 'k-1', key: Buffer.alloc(32).toString('base64') }]
    const folder = folderWith({
      'w.yml': workflow.replace('${MODEL_KEY}', 'sk-planted-3'),
      '.countersign/keys.json': JSON.stringify({ session: key, vault: key }),
    })
    chmodSync(join(folder, '.countersign/keys.json'), 0o644)
    const secret = `w.yml:2:58 llms.main.api_key: a secret stands here in clear; put it into a variable: \${API_KEY}
    llms: {main: {_type: openai, model_name: small, api_key: ***}}
                                                             ^\n`
    const keys = join(folder, '.countersign/keys.json')
    const exposed = `the keys in "${keys}" can be read by others (mode 644); run: chmod 600 "${keys}"\n`
    const said = await countersign(folder, 'validate', '--config_file', 'w.yml')
    expect({ code: said.code, err: said.err }).toEqual({ code: 0, err: `warning: ${secret}warning: ${exposed}` })
    expect(await countersign(folder, 'validate', '--strict', '--config_file', 'w.yml')).toEqual({ code: 1, out: '', err: secret })
    expect(await countersign(folder, 'serve', '--strict', '--config_file', 'w.yml')).toEqual({ code: 1, out: '', err: secret })
    writeFileSync(join(folder, 'w.yml'), workflow)
    expect(await countersign(folder, 'validate', '--strict', '--config', 'w.yml')).toEqual({ code: 1, out: '', err: exposed })
  })

  test('finds keys that cannot be used', async () => {
    const folder = folderWith({ 'w.yml': workflow, '.countersign/keys.json': '{"session": [' })
    chmodSync(join(folder, '.countersign/keys.json'), 0o600)
    const said = await countersign(folder, 'validate', '--config_file', 'w.yml')
    expect({ code: said.code, out: said.out }).toEqual({ code: 1, out: '' })
    expect(said.err).toContain(`the key file "${join(folder, '.countersign/keys.json')}" is not JSON`)
  })

  test('has the parts of plugins, which find the server where they are', async () => {
    const folder = folderWith({
      'w.yml': `plugins: [./clock.js]\n${workflow.replace('idle: {_type: who_am_i, auth_provider: work}', 'now: {_type: clock}').replace('[who]', '[who, now]')}`,
      'clock.js': `import { defineFunction, definePlugin, defineTool, z } from '@countersign/server'
const create = (_config, name) => defineTool({ name, description: 'Tells the time.', input: z.strictObject({}), risk: 'high', execute: async () => 0 })
export const plugin = definePlugin({ functions: [defineFunction({ type: 'clock', config: z.strictObject({}), create })] })
`,
      'node_modules/@countersign/place': '',
    })
    symlinkSync(server, join(folder, 'node_modules/@countersign/server'))
    const said = await countersign(folder, 'validate', '--config_file', 'w.yml')
    expect(said.err).toBe('')
    expect(said.out).toContain('            now (clock) needs an approval of each call\n  sign-ins')
    expect(said.out).toContain('  plugins   ./clock.js\n')
    const printed = await countersign(folder, 'schema', '--config_file', 'w.yml')
    expect(JSON.parse(printed.out)).toMatchObject({ definitions: { 'functions clock': { type: 'object' }, 'functions who_am_i': {} } })
  })
})

test('countersign schema prints what editors read, and says what is wrong with a plugin', async () => {
  const folder = folderWith({ 'w.yml': 'plugins: [./nothing.js]\n' })
  expect(JSON.parse((await countersign(folder, 'schema')).out)).toMatchObject({ title: 'Workflow of Countersign' })
  expect(await countersign(folder, 'schema', '--config_file', 'w.yml')).toEqual({
    code: 1,
    out: '',
    err: 'w.yml:1:11 plugins.0: "./nothing.js" does not exist beside the configuration\n    plugins: [./nothing.js]\n              ^\n',
  })
})

const noFile = 'error: which workflow file? Add --config_file workflow.yml'
const noPair = 'error: --override takes a path and a value: --override general.front_end.port 8010'
const noPort = "error: option '--port <port>' argument 'http' is invalid. Expected a number from 0 to 65535."
test.each([
  ['a command that is mistyped', ['validat'], "error: unknown command 'validat'\n(Did you mean validate?)"],
  ['an option that is mistyped', ['serve', '--confg_file', 'w.yml'], "error: unknown option '--confg_file'\n(Did you mean --config_file?)"],
  ['no file', ['serve'], noFile],
  ['no file to validate', ['validate'], noFile],
  ['half an override', ['validate', '--config_file', 'w.yml', '--override', 'general.front_end.port'], noPair],
  ['a port that is none', ['serve', '--config_file', 'w.yml', '--port', 'http'], noPort],
])('%s is wrong use: it is said in words, and the exit code is 2', async (_, args, sentence) => {
  const folder = folderWith({ 'w.yml': workflow })
  expect(await countersign(folder, ...args)).toEqual({ code: 2, out: '', err: `${sentence}\nFor what is possible, add --help.\n` })
})

test('a file that is not there is a failure and no wrong use', async () => {
  const said = await countersign(folderWith({}), 'serve', '--config_file', 'w.yml')
  expect(said).toEqual({ code: 1, out: '', err: '"w.yml" does not exist\n' })
})
