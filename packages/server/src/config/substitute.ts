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
  const filled: Filled[] = []
  const value = node.value.replaceAll(pattern, (found: string, inner: string | undefined, end: string | undefined) => {
    if (found === '$$') return '$'
    const result = fill(end === undefined ? undefined : inner, environment)
    filled.push(result)
    return result.text
  })
  const variables = filled.flatMap(({ variable }) => variable ?? [])
  const hasDefault = filled.some((result) => result.hasDefault === true)
  return {
    node: {
      ...node,
      value,
      ...(whole.test(node.value) && { isLoose: true }),
      ...(variables.some(isSecretName) && { isSecret: true }),
      ...(variables.length > 0 && { variables }),
      ...(hasDefault && { hasDefault }),
    },
    problems: filled.flatMap(({ problem }) => problem ?? []),
  }
}

/** Takes what has no end whole, or a text of nothing but beginnings would be searched again and again. */
const pattern = /\$\$|\$\{([^}]*)(\})?/g
const reference = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:-|:\?)([^]*))?$/
const whole = /^\$\{[^}]*\}$/

/** What stands for one `${…}`. */
interface Filled {
  readonly text: string
  readonly variable?: string
  readonly hasDefault?: boolean
  readonly problem?: string
}

/** @param inner what is between the braces; undefined where they do not close */
function fill(inner: string | undefined, environment: Environment): Filled {
  const [, variable, operator, argument = ''] = reference.exec(inner ?? '') ?? []
  if (variable === undefined) {
    const problem =
      inner === undefined
        ? 'a "${" has no "}"; write "$$" for a dollar sign'
        : 'this is no variable; write ${NAME}, ${NAME:-default} or ${NAME:?message}, or "$$" for a dollar sign'
    return { text: '', problem }
  }
  const set = Object.hasOwn(environment, variable) ? environment[variable] : undefined
  const hasDefault = operator === ':-' && argument !== ''
  if (set !== undefined && (operator === undefined || set !== '')) return { text: set, variable, hasDefault }
  if (operator === ':-') return { text: argument, variable, hasDefault }
  const unset = `the variable ${variable} is not set`
  return { text: '', variable, problem: argument.trim() === '' ? unset : `${argument.trim()} (${unset})` }
}
