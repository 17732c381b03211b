import { readFile, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { merge } from './merge.ts'
import { emptyMap, withoutKeys } from './node.ts'
import type { ConfigNode } from './node.ts'
import { parseConfigDocument } from './parse-document.ts'
import { namedPlace } from './place.ts'
import type { Place } from './place.ts'
import { quoted } from './problem.ts'
import type { Problem } from './problem.ts'

/** A document and all it is based on, as one tree. */
export interface Documents {
  readonly root: ConfigNode
  readonly problems: readonly Problem[]
  /** Whether every file was there and was YAML: only then can more be said. */
  readonly isWhole: boolean
}

const maxBytes = 1024 * 1024
const maxBases = 16

/** Reads a configuration file and its chain of `base:` files, each relative to the file that names it. */
export async function readDocuments(file: string): Promise<Documents> {
  const problems: Problem[] = []
  const roots: ConfigNode[] = []
  const seen: string[] = []
  let isWhole = true
  let next: { readonly file: string; readonly place?: Place } | undefined = { file }
  while (next !== undefined) {
    const found: Problem | undefined = chainProblem(next, seen)
    if (found !== undefined) {
      problems.push(found)
      isWhole = false
      break
    }
    seen.push(resolve(next.file))
    const text = await readText(next.file)
    if (typeof text !== 'string') {
      problems.push({ path: next.place === undefined ? '' : 'base', sentence: text.sentence, ...(next.place && { place: next.place }) })
      isWhole = false
      break
    }
    const parsed = parseConfigDocument(next.file, text)
    problems.push(...parsed.problems)
    const { root, base, problem } = splitBase(parsed.root)
    if (problem !== undefined) problems.push(problem)
    if (root === undefined) isWhole = false
    else roots.push(root)
    next =
      base === undefined ? undefined : { file: isAbsolute(base.path) ? base.path : join(dirname(next.file), base.path), place: base.place }
  }
  const root = roots.reduceRight<ConfigNode | undefined>((below, over) => (below === undefined ? over : merge(below, over)), undefined)
  return { root: root ?? emptyMap(namedPlace(file)), problems, isWhole }
}

function chainProblem(next: { readonly file: string; readonly place?: Place }, seen: readonly string[]): Problem | undefined {
  const sentence = seen.includes(resolve(next.file))
    ? `${quoted(next.file)} is based on itself`
    : seen.length > maxBases
      ? `more than ${maxBases} files are based on each other`
      : undefined
  return sentence === undefined ? undefined : { path: 'base', sentence, ...(next.place && { place: next.place }) }
}

interface Split {
  readonly root: ConfigNode | undefined
  readonly base?: { readonly path: string; readonly place: Place }
  readonly problem?: Problem
}

function splitBase(root: ConfigNode | undefined): Split {
  if (root?.kind === 'scalar' && root.value === null) return { root: emptyMap(root.place) }
  if (root !== undefined && root.kind !== 'map')
    return { root: undefined, problem: { path: '', sentence: 'a configuration is a map of sections', place: root.place } }
  const entry = root?.entries.get('base')
  if (root === undefined || entry === undefined) return { root }
  const rest = withoutKeys(root, new Set(['base']))
  const { value } = entry
  if (value.kind === 'scalar' && typeof value.value === 'string' && value.value !== '')
    return { root: rest, base: { path: value.value, place: value.place } }
  return { root: rest, problem: { path: 'base', sentence: 'expected the path of a file', place: value.place } }
}

async function readText(file: string): Promise<string | { readonly sentence: string }> {
  try {
    const { size, isFile } = await describe(file)
    if (!isFile) return { sentence: `${quoted(file)} is not a file` }
    if (size > maxBytes) return { sentence: `${quoted(file)} is larger than 1 MiB` }
    const text = await readFile(file, 'utf8')
    return Buffer.byteLength(text) > maxBytes ? { sentence: `${quoted(file)} is larger than 1 MiB` } : text
  } catch (error) {
    const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined
    return { sentence: code === 'ENOENT' ? `${quoted(file)} does not exist` : `${quoted(file)} cannot be read (${String(code)})` }
  }
}

async function describe(file: string): Promise<{ readonly size: number; readonly isFile: boolean }> {
  const stats = await stat(file)
  return { size: stats.size, isFile: stats.isFile() }
}
