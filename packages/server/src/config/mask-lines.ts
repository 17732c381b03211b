import { isMap, isNode, isPair, isScalar, visit } from 'yaml'
import type { Document, Node, Pair } from 'yaml'
import type { Location } from './place.ts'
import { hasUrlPassword, isOpaqueMap, isSecretName, mask, namedSections, namesSecretInside } from './secret-keys.ts'

/** Shows a line of a document, from its start offset, with every secret in it masked; `offset` is where the caret goes. */
export type ShowLine = (lineStart: number, offset: number) => Pick<Location, 'text' | 'caret'>

/** Knows where the secrets of a document stand. Of a document that is not sound, lines are shown only if it holds no secret. */
export function lineMasker(text: string, document: Document | undefined): ShowLine {
  const isSound = document !== undefined && document.errors.length === 0 && hasPlainKeys(document)
  if (!isSound && mayHoldSecret(text)) return () => ({ caret: 0 })
  const secrets = isSound ? secretRanges(document) : []
  return (lineStart, offset) => {
    const nextBreak = text.indexOf('\n', lineStart)
    const lineEnd = nextBreak === -1 ? text.length : nextBreak
    return maskedLine(text, { start: lineStart, end: lineEnd, offset }, secrets)
  }
}

interface Range {
  readonly start: number
  readonly end: number
}

function maskedLine(text: string, line: Range & { readonly offset: number }, secrets: readonly Range[]): Pick<Location, 'text' | 'caret'> {
  let shown = ''
  let at = line.start
  let caret = line.offset - line.start
  for (const secret of secrets) {
    if (secret.end <= at || secret.start >= line.end) continue
    shown += text.slice(at, Math.max(at, secret.start)) + mask
    at = Math.min(secret.end, line.end)
    if (line.offset >= at) caret = shown.length + line.offset - at
    else if (line.offset >= secret.start) caret = shown.length - mask.length
  }
  return { text: (shown + text.slice(at, line.end)).replace(/\r$/, ''), caret: Math.max(0, caret) }
}

/** Values of secret keys, whatever they are, and addresses with passwords; in order, without overlaps. */
function secretRanges(document: Document): readonly Range[] {
  const ranges: Range[] = []
  visit(document, {
    Pair(_, pair, ancestors) {
      const key = keyOf(pair)
      const isSecret = isSecretName(key) || isOpaqueMap(key)
      if (!isSecret || !isNode(pair.value) || isEntry(pair, ancestors)) return undefined
      ranges.push(extentOf(pair.value))
      return visit.SKIP
    },
    Scalar(_, scalar) {
      if (typeof scalar.value === 'string' && holdsSecret(scalar.value) && scalar.range)
        ranges.push({ start: scalar.range[0], end: scalar.range[1] })
    },
  })
  const sound = ranges.filter(({ start, end }) => end > start).toSorted((left, right) => left.start - right.start)
  return sound.filter(({ start }, at) => at === 0 || start >= (sound[at - 1]?.end ?? 0))
}

/** Whether a pair is an entry of a section, so that its key is only a name. */
function isEntry(pair: Pair, ancestors: readonly unknown[]): boolean {
  const [section, ...others] = ancestors.filter(isPair)
  return section !== undefined && others.length === 0 && namedSections.has(keyOf(section)) && isMap(pair.value)
}

function keyOf({ key }: Pair): string {
  return isScalar(key) ? String(key.value) : ''
}

/** A key that is missing or no name says that something slipped, perhaps out of a secret. */
function hasPlainKeys(document: Document): boolean {
  let arePlain = true
  visit(document, {
    Pair(_, pair) {
      arePlain &&= isScalar(pair.key) && pair.key.value !== null && pair.key.value !== ''
    },
  })
  return arePlain
}

/** From the first to the last character of a node and all that is in it. */
function extentOf(node: Node): Range {
  const ranges: Range[] = []
  visit(node, {
    Node(_, inner) {
      if (inner.range) ranges.push({ start: inner.range[0], end: inner.range[1] })
    },
  })
  return { start: Math.min(...ranges.map(({ start }) => start)), end: Math.max(0, ...ranges.map(({ end }) => end)) }
}

/** An address with a password, a secret variable's default, or a secret whose colon has no space after it. */
function holdsSecret(text: string): boolean {
  if (hasUrlPassword(text) || namesSecretInside(text)) return true
  return [...text.matchAll(/\$\{(\w+):-[^}]+(?:\}|$)/g)].some(([, name = '']) => isSecretName(name))
}

/** Whether an unsound document speaks of a secret that it does not plainly take from a variable. */
function mayHoldSecret(text: string): boolean {
  if (hasUrlPassword(text)) return true
  for (const match of text.matchAll(/[\w.-]{1,100}/g)) {
    const [name] = match
    if (!isSecretName(name) && !isOpaqueMap(name)) continue
    const [rest = ''] = text.slice(match.index + name.length, match.index + name.length + 200).split('\n', 1)
    const isVariable = /^["']?[ \t]*:[ \t]*["']?\$\{[A-Za-z_][A-Za-z0-9_]*\}["']?\s*(?:#.*)?$/.test(rest)
    if (!isVariable && !isReference(text, name)) return true
  }
  return false
}

/** The names of variables are secret names too; they give nothing away. */
function isReference(text: string, name: string): boolean {
  return !text.replaceAll(`\${${name}}`, '').includes(name)
}
