import type { JsonObject } from '@countersign/core'
import { mapScalars, mapToJson } from './node.ts'
import type { ConfigNode, ScalarNode } from './node.ts'
import type { Problem } from './problem.ts'
import { hasUrlPassword, isOpaqueMap, isSecretName, mask, withoutEntryName, withoutUrlPasswords } from './secret-keys.ts'
import type { Environment } from './substitute.ts'

/** The configuration for people's eyes: everything that is, or may hold, a secret is masked. */
export function redact(root: ConfigNode): JsonObject {
  const shown = mapScalars(root, (scalar, path) => {
    if (isSecret(scalar, path)) return { ...scalar, value: mask }
    return typeof scalar.value === 'string' ? { ...scalar, value: withoutUrlPasswords(scalar.value, mask) } : scalar
  })
  return shown.kind === 'map' ? mapToJson(shown) : {}
}

/** Secrets written into the configuration, or onto the command line, instead of into a variable. */
export function literalSecrets(root: ConfigNode): readonly Problem[] {
  const warnings: Problem[] = []
  mapScalars(root, (scalar, path) => {
    if (isLiteralSecret(scalar, path)) {
      const where = scalar.isLiteral === true ? 'a secret on the command line can be seen by others' : 'a secret stands here in clear'
      warnings.push({
        path: path.join('.'),
        sentence: `${where}; put it into a variable: \${${variableFor(path)}}`,
        place: scalar.place,
      })
    }
    return scalar
  })
  return warnings
}

function isLiteralSecret(scalar: ScalarNode, path: readonly string[]): boolean {
  const { value, variables, hasDefault = false } = scalar
  const isText = typeof value === 'number' || (typeof value === 'string' && value !== '')
  if (!isText || (variables !== undefined && !hasDefault)) return false
  const isNamed = isSecret(scalar, path) && withoutEntryName(path).some(isSecretName)
  return isNamed || (scalar.isSecret === true && hasDefault) || (typeof value === 'string' && hasUrlPassword(value))
}

function variableFor(path: readonly string[]): string {
  const key = path.at(-1) ?? ''
  return isSecretName(key) ? key.replaceAll(/\W/g, '_').toUpperCase() : 'NAME'
}

/** Takes every secret of the configuration out of problems, whoever wrote their sentences. */
export function scrubber(root: ConfigNode, environment: Environment): (problem: Problem) => Problem {
  const secrets = new Set<string>()
  mapScalars(root, (scalar, path) => {
    const isWhole = isSecret(scalar, path) || (typeof scalar.value === 'string' && hasUrlPassword(scalar.value))
    if (isWhole && typeof scalar.value === 'string') secrets.add(scalar.value)
    for (const name of scalar.variables ?? []) if (isSecretName(name)) secrets.add(environment[name] ?? '')
    return scalar
  })
  const hidden = [...secrets].filter((secret) => secret.length >= 4).toSorted((left, right) => right.length - left.length)
  return (problem) => ({ ...problem, sentence: hidden.reduce((text, secret) => text.replaceAll(secret, mask), problem.sentence) })
}

function isSecret(scalar: ScalarNode, path: readonly string[]): boolean {
  if (scalar.value === null || typeof scalar.value === 'boolean') return false
  const keys = withoutEntryName(path)
  return scalar.isSecret === true || keys.some((key, at) => isSecretName(key) || (isOpaqueMap(key) && at < keys.length - 1))
}
