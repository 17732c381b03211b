import type { JsonObject } from '@countersign/core'
import { mapScalars, mapToJson } from './node.ts'
import type { ConfigNode, ScalarNode } from './node.ts'
import type { Problem } from './problem.ts'
import { hasUrlPassword, isOpaqueMap, isSecretName, mask, withoutUrlPasswords } from './secret-keys.ts'
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
    const isNamed = isSecret(scalar, path) && path.some(isSecretName)
    const isText = typeof scalar.value === 'number' || (typeof scalar.value === 'string' && scalar.value !== '')
    const isInAddress = typeof scalar.value === 'string' && hasUrlPassword(scalar.value)
    if (isText && (isNamed || isInAddress) && scalar.variables === undefined) {
      const sentence =
        scalar.isLiteral === true
          ? 'a secret on the command line can be seen by others; use a variable: ${NAME}'
          : 'a secret stands here in clear; use a variable: ${NAME}'
      warnings.push({ path: path.join('.'), sentence, place: scalar.place })
    }
    return scalar
  })
  return warnings
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
  return scalar.isSecret === true || path.some((key, at) => isSecretName(key) || (isOpaqueMap(key) && at < path.length - 1))
}
