import { silentLog } from '@countersign/core'
import type { Command } from 'commander'
import { keyFile } from '../config/state-files.ts'
import { type KeyFile, keyUses, readMade, rotateKeys } from '../keys/key-file.ts'
import { nodeRuntime } from '../runtime/node-runtime.ts'
import { type FileFlags, loadWorkflowFile, withFileOptions } from './workflow-file.ts'

const DAY_MS = 24 * 60 * 60_000

/** Adds `countersign keys`. */
export function addKeys(command: Command): void {
  const keys = command.command('keys').description("rotate or list the server's keys: what signs sessions and seals credentials")
  withFileOptions(keys.command('rotate'))
    .description('add a newest key for each use; what older ones signed or sealed goes on counting')
    .addHelpText('after', '\nExample:\n  countersign keys rotate --config_file workflow.yml')
    .action(rotateCommand)
  withFileOptions(keys.command('list'))
    .description('say what the keys are called, what they do and how old they are; never the keys themselves')
    .action(listCommand)
}

async function rotateCommand(flags: FileFlags, command: Command): Promise<void> {
  const runtime = nodeRuntime(silentLog)
  const { config } = await loadWorkflowFile(command, flags)
  const keys = rotateKeys(keyFile(config), runtime)
  process.stdout.write(`${tableOf(keys, runtime.now())}\nA server that runs takes the new keys up within a second or two.\n`)
}

async function listCommand(flags: FileFlags, command: Command): Promise<void> {
  const { config } = await loadWorkflowFile(command, flags)
  process.stdout.write(tableOf(readMade(keyFile(config)), nodeRuntime(silentLog).now()))
}

/** What a key does: the newest of its use, or an older one. */
const duties = { session: ['signs and verifies', 'verifies'], vault: ['seals and opens', 'opens'] } as const

function tableOf(keys: KeyFile, now: number): string {
  const rows = keyUses.flatMap((use) =>
    keys[use].map(({ id, created }, index) => [use, id, duties[use][index === 0 ? 0 : 1], ageOf(created, now)]),
  )
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`).join('')
}

function ageOf(created: string | undefined, now: number): string {
  if (created === undefined) return 'of unknown age'
  const days = Math.max(0, Math.floor((now - Date.parse(created)) / DAY_MS))
  return `made ${created.slice(0, 10)}, ${days} ${days === 1 ? 'day' : 'days'} ago`
}
