import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The blocks of a page in a language. */
function blocks(page: string, language: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, block = '']) => block)
}

test('the plugin of docs/plugins.md compiles against what is published, and its workflow file is valid', () => {
  const page = readFileSync(join(root, 'docs/plugins.md'), 'utf8')
  const [[source = ''], [workflow = '']] = [blocks(page, 'ts'), blocks(page, 'yaml')]
  const folder = mkdtempSync(join(tmpdir(), 'countersign plugin '))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'node_modules/@countersign'), { recursive: true })
  symlinkSync(join(root, 'packages/server'), join(folder, 'node_modules/@countersign/server'))
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}')
  writeFileSync(join(folder, 'tools.ts'), source)
  writeFileSync(join(folder, 'workflow.yml'), workflow)
  const compile = ['tools.ts', '--strict', '--target', 'es2023', '--module', 'nodenext', '--lib', 'es2023,dom', '--types', 'node']
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), ...compile, '--typeRoots', join(root, 'node_modules/@types')],
    { cwd: folder },
  )
  const command = join(root, 'packages/server/bin/countersign.js')
  const said = execFileSync(process.execPath, [command, 'validate', '--config_file', 'workflow.yml'], { cwd: folder, encoding: 'utf8' })
  expect(said).toContain('meeting (next_meeting) needs a sign-in at work with calendar.read')
})
