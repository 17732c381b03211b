import type { ScalarNode } from './node.ts'
import { isSecretName } from './secret-keys.ts'

/** The variables a configuration may name. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A text with its variables filled in, or what is wrong with it. */
export type Substituted = { readonly node: ScalarNode; readonly problems: readonly string[] }

/**
 * Fills in `${VAR}`, `${VAR:-default}` and `${VAR:?message}`; `$$` is a dollar sign. A value that comes in is not looked at again.
 * With `:-` and `:?` an empty variable counts as unset, as in a shell.
 */
export function substitute(node: ScalarNode, environment: Environment): Substituted {
  if (typeof node.value !== 'string' || node.isLiteral === true || !node.value.includes('$')) return { node, problems: [] }
  const problems: string[] = []
  const variables: string[] = []
  const value = node.value.replaceAll(pattern, (whole: string, inner: string | undefined) => {
    if (whole === '$$') return '$'
    const [, name = '', operator, argument = ''] = reference.exec(inner ?? '') ?? []
    if (name === '') {
      problems.push(
        inner === undefined
          ? 'a "${" has no "}"; write "$$" for a dollar sign'
          : 'this is no variable; write ${NAME}, ${NAME:-default} or ${NAME:?message}, or "$$" for a dollar sign',
      )
      return ''
    }
    variables.push(name)
    const set = Object.hasOwn(environment, name) ? environment[name] : undefined
    if (operator === undefined) return set ?? missing(problems, `the variable ${name} is not set`)
    if (set !== undefined && set !== '') return set
    return operator === ':-'
      ? argument
      : missing(
          problems,
          argument.trim() === '' ? `the variable ${name} is not set` : `${argument.trim()} (the variable ${name} is not set)`,
        )
  })
  const isWhole = whole.test(node.value)
  const isSecret = variables.some(isSecretName)
  return {
    node: { ...node, value, ...(isWhole && { isLoose: true }), ...(isSecret && { isSecret }), ...(variables.length > 0 && { variables }) },
    problems,
  }
}

const pattern = /\$\$|\$\{(?:([^}]*)\})?/g
const reference = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:-|:\?)([^]*))?$/
const whole = /^\$\{[^}]*\}$/

function missing(problems: string[], sentence: string): string {
  problems.push(sentence)
  return ''
}
