import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { lockFile } from './lock-file.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

test('a lock names its process and is gone when it is given back', () => {
  const file = freshFile()
  const unlock = lockFile(file, 0)
  expect(JSON.parse(readFileSync(`${file}.lock`, 'utf8'))).toMatchObject({ pid: process.pid, since: 0 })
  unlock()
  expect(existsSync(`${file}.lock`)).toBe(false)
})

test('a second server on the same file is told who has it and since when', () => {
  const file = freshFile()
  lockFile(file, Date.UTC(2026, 0, 1))
  const message = expect.stringContaining(`process ${process.pid}, since 2026-01-01T00:00:00.000Z`)
  expect(() => lockFile(file, 0)).toThrow(expect.objectContaining({ code: 'storage_unavailable', message }))
})

test('the lock of another process is respected while it runs, and taken over when it is gone', async () => {
  const file = freshFile()
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  await once(other, 'spawn')
  writeFileSync(`${file}.lock`, JSON.stringify({ pid: other.pid, process: null, since: 0 }))
  expect(() => lockFile(file, 0)).toThrow(`process ${other.pid}`)
  other.kill('SIGKILL')
  await once(other, 'exit')
  expect(() => lockFile(file, 0)).not.toThrow()
})

test.runIf(process.platform === 'linux')('a process id that was given out again does not keep the lock', () => {
  const file = freshFile()
  writeFileSync(`${file}.lock`, JSON.stringify({ pid: process.pid, process: 'another boot 1', since: 0 }))
  expect(() => lockFile(file, 0)).not.toThrow()
})

test('a lock that was cut off while it was written is taken over, and nothing is left beside it', () => {
  const file = freshFile()
  writeFileSync(`${file}.lock`, '{"pid":')
  lockFile(file, 0)
  expect(readdirSync(join(file, '..'))).toEqual(['data.db.lock'])
})

test('whoever lost its lock does not take away the next one', () => {
  const file = freshFile()
  const unlock = lockFile(file, 1)
  rmSync(`${file}.lock`)
  lockFile(file, 2)
  unlock()
  expect(existsSync(`${file}.lock`)).toBe(true)
})

function freshFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'))
  folders.push(folder)
  return join(folder, 'data.db')
}
