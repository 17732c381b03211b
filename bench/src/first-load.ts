import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type Claim, plain } from './figure.ts'

const app = fileURLToPath(new URL('../../packages/ui/dist/app/', import.meta.url))

/** What a browser loads of the chat as built: at once, with what shows markdown; and later, when a dialog is opened. */
export const firstLoad: Claim = {
  name: 'first-load',
  measure: async (say) => {
    const all = readdirSync(app, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
    const atOnce = loadedBy(join(app, 'index.html'))
    const later = all.filter((file) => !atOnce.has(file) && /\.(?:js|css)$/.test(file))
    say(`${atOnce.size} files at once, ${later.length} later`)
    return [
      plain('first load of the chat, with what shows markdown', 'kB, gzip', { value: sizeOf([...atOnce]), goal: '≤ 60' }),
      plain('what the chat loads when a dialog is first opened', 'kB, gzip', { value: sizeOf(later) }),
    ]
  },
}

/** A file, and what it names: of a page its scripts, styles and preloads; of a script what it imports statically. */
function loadedBy(file: string, known = new Set<string>()): ReadonlySet<string> {
  known.add(file)
  const text = readFileSync(file, 'utf8')
  const names = file.endsWith('.html')
    ? [...text.matchAll(/<(?:script|link)\b[^>]*?\b(?:src|href)="([^"]+\.(?:js|css))"/g)]
    : [...text.matchAll(/(?:\bfrom|\bimport)\s*"(\.[^"]+)"/g)]
  for (const [, name = ''] of names) {
    const target = join(dirname(file), name)
    if (!known.has(target)) loadedBy(target, known)
  }
  return known
}

/** Kilobytes once each file is compressed. */
function sizeOf(files: readonly string[]): number {
  return files.reduce((total, file) => total + gzipSync(readFileSync(file), { level: 9 }).length, 0) / 1000
}
