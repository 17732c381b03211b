import { readFileSync, readdirSync } from 'node:fs'
import { dirname, extname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CountersignError } from '@countersign/core'
import { Hono } from 'hono'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

/**
 * The built chat, read once at start: what is not in its folder then is not served, so there is no path to traverse.
 * @throws CountersignError `invalid_config` when the chat was not built
 */
export function staticUi(): Hono {
  const files = readFiles(uiFolder())
  const app = new Hono()
  for (const [path, { body, type }] of files) app.get(path, (context) => context.body(body, 200, { 'content-type': type }))
  return app
}

function uiFolder(): string {
  return join(dirname(fileURLToPath(import.meta.resolve('@countersign/ui/package.json'))), 'dist', 'app')
}

function readFiles(folder: string): Map<string, { body: Uint8Array<ArrayBuffer>; type: string }> {
  const found = new Map<string, { body: Uint8Array<ArrayBuffer>; type: string }>()
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const type = types[extname(entry.name)]
      if (!entry.isFile() || type === undefined || entry.name.startsWith('.')) continue
      const file = join(entry.parentPath, entry.name)
      const path = `/${relative(folder, file).split(sep).join('/')}`
      const content = { body: new Uint8Array(readFileSync(file)), type }
      found.set(path, content)
      if (path === '/index.html') found.set('/', content)
    }
  } catch (cause) {
    throw new CountersignError('invalid_config', `the chat was not built: "${folder}" cannot be read; run "npm run build"`, { cause })
  }
  return found
}
