import { silentLog } from '@countersign/core'
import type { Command } from 'commander'
import { keyPlace } from '../config/state-files.ts'
import { rotateKeyFile } from '../keys/key-file.ts'
import { keysAt, placeInWords } from '../keys/key-place.ts'
import { type KeyUse, keyUses, type StoredKey, withMissingUses, withNewestKeys, writeKeys, type WrittenKeys } from '../keys/stored-keys.ts'
import { nodeRuntime } from '../runtime/node-runtime.ts'
import { type FileFlags, loadWorkflowFile, withFileOptions } from './workflow-file.ts'

const DAY_MS = 24 * 60 * 60_000

/** Adds `countersign keys`. */
export function addKeys(command: Command): void {
  const keys = command
    .command('keys')
    .description(
      "rotate or list the server's keys: what signs sessions, people's answers and the audit's checkpoints, and seals credentials",
    )
  withFileOptions(keys.command('rotate'))
    .description('add a newest key for each use; what older ones signed or sealed goes on counting')
    .addHelpText(
      'after',
      '\nExample:\n  countersign keys rotate --config_file workflow.yml\n\nKeys that the server is given by a variable are not changed: the new value is printed.',
    )
    .action(rotateCommand)
  withFileOptions(keys.command('list'))
    .description('say where the keys are, what they are called, what they do and how old they are; never the keys themselves')
    .action(listCommand)
}

async function rotateCommand(flags: FileFlags, command: Command): Promise<void> {
  const runtime = nodeRuntime(silentLog)
  const { config } = await loadWorkflowFile(command, flags)
  const place = keyPlace(config)
  if (place.kind === 'file') {
    const keys = rotateKeyFile(place.file, runtime)
    process.stdout.write(
      `${tableOf(keys, runtime.now())}\nA server that runs takes the new keys up within a second or two. Keep the older ones: what they sealed and signed needs them.\n`,
    )
    return
  }
  const keys = withNewestKeys(withMissingUses(keysAt(place), runtime), runtime, DAY_MS)
  // The value alone on standard output, so that it can be put where secrets are kept without being looked at.
  process.stderr.write(
    `${tableOf(keys, runtime.now())}\nThe new value of ${place.by} is on standard output; give it to every server within a day.\nFrom then on its newest keys sign and seal; until then they only verify and open.\n`,
  )
  process.stdout.write(`${writeKeys(keys, 0)}\n`)
}

async function listCommand(flags: FileFlags, command: Command): Promise<void> {
  const { config } = await loadWorkflowFile(command, flags)
  const place = keyPlace(config)
  process.stdout.write(`${placeInWords(place)}\n\n${tableOf(keysAt(place), nodeRuntime(silentLog).now())}`)
}

/** What the key in force does, and what the others do. */
const duties: Readonly<Record<KeyUse, readonly [string, string]>> = {
  session: ['signs and verifies', 'verifies'],
  vault: ['seals and opens', 'opens'],
  receipts: ['signs and verifies', 'verifies'],
  audit: ['signs and verifies', 'verifies'],
}

function tableOf(keys: WrittenKeys, now: number): string {
  const rows = keyUses.flatMap((use) => rowsOf(use, keys[use] ?? [], now))
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}\n`).join('')
}

function rowsOf(use: KeyUse, keys: readonly StoredKey[], now: number): readonly (readonly string[])[] {
  const [first, other] = duties[use]
  const isBegun = ({ from }: StoredKey): boolean => from === undefined || Date.parse(from) <= now
  const inForce = keys.find(isBegun) ?? keys[0]
  return keys.map((key) => {
    const later = isBegun(key) || key === inForce ? '' : `, ${first} from ${key.from ?? ''}`
    return [use, key.id, key === inForce ? first : `${other}${later}`, ageOf(key.created, now)]
  })
}

function ageOf(created: string | undefined, now: number): string {
  if (created === undefined) return 'of unknown age'
  const days = Math.max(0, Math.floor((now - Date.parse(created)) / DAY_MS))
  return `made ${created.slice(0, 10)}, ${days} ${days === 1 ? 'day' : 'days'} ago`
}
