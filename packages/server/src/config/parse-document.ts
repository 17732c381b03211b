import { isAlias, isMap, isPair, isScalar, isSeq, Lexer, LineCounter, parseDocument } from 'yaml'
import type { Document, Node, Pair, YAMLError, YAMLMap } from 'yaml'
import { lineMasker } from './mask-lines.ts'
import { forbiddenKeys } from './node.ts'
import type { ConfigNode, MapEntry, ScalarNode } from './node.ts'
import type { Place, Source } from './place.ts'
import type { Problem } from './problem.ts'
import { namesSecretInside } from './secret-keys.ts'
import { quoted } from './problem.ts'
import { syntaxSentence } from './syntax-sentence.ts'

/** A document as a tree with places. What YAML allows beyond maps, lists and scalars is refused. */
export interface ParsedDocument {
  /** Absent when there is nothing to go on with. */
  readonly root?: ConfigNode
  readonly problems: readonly Problem[]
}

const maxDepth = 64
const maxAliases = 16
const maxNodes = 100_000
/** What the lexer tells apart: some three thousand lines. Of many mistakes the parser makes as much work as their number squared. */
const maxWords = 20_000
/** In characters: the longest prompt is shorter. */
const maxText = 64 * 1024

/** Reads a YAML 1.2 document. @see https://yaml.org/spec/1.2.2/ */
export function parseConfigDocument(name: string, text: string): ParsedDocument {
  if (hasTooManyWords(text)) return { problems: [{ path: '', sentence: `${quoted(name)} is longer than any workflow needs` }] }
  const lineCounter = new LineCounter()
  const document = parse(text, lineCounter)
  const source = sourceOf({ name, text, document, lineCounter })
  if (document === undefined)
    return { problems: [{ path: '', sentence: 'the document is nested too deeply', place: { source, offset: 0 } }] }
  const problems: Problem[] = firstOfEachLine(document.errors, lineCounter).map((error) => ({
    path: '',
    sentence: syntaxSentence(error),
    place: { source, offset: error.pos[0] },
  }))
  if (document.directives?.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    problems.push({ path: '', sentence: 'only YAML 1.2 is read here; leave the %YAML line out', place: { source, offset: 0 } })
  }
  if (problems.length > 0) return { problems }
  const reader = new Reader(document, source)
  const root = reader.read(document.contents, { path: [], offset: 0 })
  return { root, problems: reader.problems }
}

function hasTooManyWords(text: string): boolean {
  const words = new Lexer().lex(text)
  for (let count = 0; count < maxWords; count++) if (words.next().done === true) return false
  return true
}

/** Very deep nesting exhausts the parser's stack. */
function parse(text: string, lineCounter: LineCounter): Document | undefined {
  try {
    // Keys are compared by `Reader`: yaml's own check is quadratic.
    return parseDocument(text, {
      lineCounter,
      version: '1.2',
      schema: 'core',
      strict: true,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'error',
    })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function sourceOf(parts: { name: string; text: string; document: Document | undefined; lineCounter: LineCounter }): Source {
  const { name, text, document, lineCounter } = parts
  const show = lineMasker(text, document)
  return {
    name,
    locate(offset) {
      const { line, col } = lineCounter.linePos(Math.max(0, Math.min(offset, text.length)))
      const safeLine = Math.max(1, line)
      return { line: safeLine, column: Math.max(1, col), ...show(lineCounter.lineStarts[safeLine - 1] ?? 0, offset) }
    },
  }
}

/** One mistake makes the parser stumble several times. */
function firstOfEachLine(errors: readonly YAMLError[], lineCounter: LineCounter): readonly YAMLError[] {
  const lines = new Set<number>()
  return errors.filter((error) => {
    const { line } = lineCounter.linePos(error.pos[0])
    return !lines.has(line) && lines.add(line)
  })
}

interface Position {
  readonly path: readonly string[]
  /** Where an empty value would stand. */
  readonly offset: number
}

class Reader {
  readonly problems: Problem[] = []
  readonly #document: Document
  readonly #source: Source
  #aliases = 0
  #nodes = 0

  constructor(document: Document, source: Source) {
    this.#document = document
    this.#source = source
  }

  read(node: unknown, position: Position): ConfigNode {
    const offset = rangeStart(node) ?? position.offset
    const place = this.#place(offset)
    const at = { ...position, offset }
    if (++this.#nodes > maxNodes)
      return this.#refuse(at, this.#nodes === maxNodes + 1 ? `the document has more than ${maxNodes} values` : undefined)
    if (position.path.length > maxDepth) return this.#refuse(at, `values are nested more than ${maxDepth} deep`)
    if (isAlias(node)) return this.#alias(node.resolve(this.#document), at)
    this.#checkTag(node, at)
    if (isMap(node)) return { kind: 'map', entries: this.#entries(node, position), place }
    if (isSeq(node))
      return {
        kind: 'list',
        items: node.items.map((item, index) => this.read(item, { path: [...position.path, String(index)], offset })),
        place,
      }
    return this.#scalar(node, at)
  }

  #entries(map: YAMLMap, { path, offset }: Position): ReadonlyMap<string, MapEntry> {
    const entries = new Map<string, MapEntry>()
    for (const item of map.items) {
      if (!isPair(item)) continue
      const key = this.#key(item, { path, offset })
      if (key === undefined) continue
      const keyOffset = rangeStart(item.key) ?? offset
      if (entries.has(key)) this.#report({ path: [...path, key], offset: keyOffset }, 'this key stands here twice')
      else entries.set(key, { keyPlace: this.#place(keyOffset), value: this.read(item.value, { path: [...path, key], offset: keyOffset }) })
    }
    return entries
  }

  #key(pair: Pair, position: Position): string | undefined {
    const at = { ...position, offset: rangeStart(pair.key) ?? position.offset }
    const value: unknown = isScalar(pair.key) ? pair.key.value : undefined
    if (value === '<<') this.#report(at, 'merge keys ("<<") are not read; repeat the values or use "base"')
    else if (typeof value === 'string' && forbiddenKeys.has(value)) this.#report(at, `the key ${quoted(value)} is not allowed`)
    else if (typeof value === 'string' && namesSecretInside(value)) this.#report(at, 'after the colon of a key comes a space')
    else if (typeof value === 'string') return value
    // A name may look like a number.
    else if (isScalar(pair.key) && typeof value === 'number') return pair.key.source ?? String(value)
    else this.#report(at, 'a key must be a plain name')
    return undefined
  }

  #scalar(node: unknown, position: Position): ScalarNode {
    const value: unknown = isScalar(node) ? node.value : null
    const place = this.#place(position.offset)
    if (typeof value === 'number' && (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))) {
      return this.#refuse(position, 'this number cannot be kept exactly; put quotes around it')
    }
    if (typeof value === 'string' && value.length > maxText) return this.#refuse(position, `a text may have ${maxText} characters at most`)
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return { kind: 'scalar', value, place }
    return value === undefined
      ? { kind: 'scalar', value: null, place }
      : this.#refuse(position, 'only texts, numbers, true, false and null are read')
  }

  #alias(target: Node | undefined, position: Position): ConfigNode {
    if (++this.#aliases > maxAliases)
      return this.#refuse(position, this.#aliases === maxAliases + 1 ? `more than ${maxAliases} aliases` : undefined)
    return target === undefined ? this.#refuse(position, 'this alias has no anchor before it') : this.read(target, position)
  }

  #checkTag(node: unknown, position: Position): void {
    const tag = isScalar(node) || isMap(node) || isSeq(node) ? node.tag : undefined
    if (tag !== undefined && !allowedTags.has(tag)) this.#report(position, `the tag ${quoted(tag)} is not read`)
  }

  #refuse(position: Position, sentence: string | undefined): ScalarNode {
    if (sentence !== undefined) this.#report(position, sentence)
    return { kind: 'scalar', value: null, place: this.#place(position.offset) }
  }

  #report({ path, offset }: Position, sentence: string): void {
    this.problems.push({ path: path.join('.'), sentence, place: this.#place(offset) })
  }

  #place(offset: number): Place {
    return { source: this.#source, offset }
  }
}

const allowedTags = new Set(['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((tag) => `tag:yaml.org,2002:${tag}`))

function rangeStart(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined
}
