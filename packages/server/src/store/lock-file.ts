import { readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { CountersignError } from '@countersign/core'

/**
 * Marks a database file as this process's, by `<file>.lock` beside it. It keeps a second server away, not a second writer: the
 * database's own locks do that. Processes must see each other's ids, so a file shared between containers is not protected.
 * @param now epoch ms, for the message another server shows
 * @returns a function that takes the mark away
 * @throws CountersignError `storage_unavailable` naming the process that has it
 */
export function lockFile(file: string, now: number): () => void {
  const path = `${file}.lock`
  const own: Holder = { pid: process.pid, process: processMark(process.pid), since: now }
  const text = JSON.stringify(own)
  if (!create(path, text)) {
    takeAway(path, file)
    if (!create(path, text)) throw inUse(file, read(path))
  }
  return () => {
    if (readText(path) === text) rmSync(path, { force: true })
  }
}

interface Holder {
  readonly pid: number
  /** When the system started that process, in its own words: a process id is given out again. Null where it cannot be known. */
  readonly process: string | null
  readonly since: number
}

function create(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 })
    return true
  } catch (cause) {
    if (isCode(cause, 'EEXIST')) return false
    throw new CountersignError('storage_unavailable', `the lock file "${path}" could not be written`, { cause })
  }
}

/** Removes the lock of a process that is gone. Moved first: if another server was quicker, what was moved is its lock and goes back. */
function takeAway(path: string, file: string): void {
  const found = readText(path)
  if (found === undefined) return
  const holder = parse(found)
  if (holder && isRunning(holder)) throw inUse(file, holder)
  const aside = `${path}.${process.pid}`
  try {
    renameSync(path, aside)
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return
    throw cause
  }
  const moved = readText(aside)
  if (moved !== undefined && moved !== found) create(path, moved)
  unlinkSync(aside)
}

function isRunning(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0)
  } catch (cause) {
    // Any other refusal (EPERM) comes from a process that is there.
    if (isCode(cause, 'ESRCH')) return false
  }
  const mark = processMark(holder.pid)
  return mark === null || holder.process === null || mark === holder.process
}

/** The start of a process in the system's own words (Linux: boot and clock ticks since), or null where it does not say. */
function processMark(pid: number): string | null {
  const stat = readText(`/proc/${pid}/stat`)
  // The second field is the command in parentheses and may hold anything; the start is the 22nd.
  const startedAt = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  const boot = readText('/proc/sys/kernel/random/boot_id')?.trim()
  return startedAt && boot ? `${boot} ${startedAt}` : null
}

function read(path: string): Holder | undefined {
  const text = readText(path)
  return text === undefined ? undefined : parse(text)
}

/** A lock that was cut off while it was written tells nothing. */
function parse(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('pid' in value) || typeof value.pid !== 'number') return undefined
    const mark = 'process' in value && typeof value.process === 'string' ? value.process : null
    return { pid: value.pid, process: mark, since: 'since' in value && typeof value.since === 'number' ? value.since : 0 }
  } catch {
    return undefined
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // not there, or not ours to read: either way it tells nothing
  }
}

function inUse(file: string, holder: Holder | undefined): CountersignError {
  const who = holder ? `process ${holder.pid}, since ${new Date(holder.since).toISOString()}` : 'another process'
  const details = holder ? { pid: holder.pid } : {}
  return new CountersignError('storage_unavailable', `the database "${file}" is in use by another server (${who}): stop it first`, {
    details,
  })
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code
}
