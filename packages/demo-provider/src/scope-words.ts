import type { DemoResources } from './demo-resources.ts'
import { SCOPE_WORDS } from './scopes.ts'

/** A scope as a person is asked for it. */
export interface AskedScope {
  readonly scope: string
  readonly words: string
}

/** The scopes that mean something here, each in words: the provider's own, and those of the APIs that are asked for. */
export function askedScopes(scopes: readonly string[], known: DemoResources, resourceIds: readonly string[]): readonly AskedScope[] {
  const apis = resourceIds.flatMap((id) => known.find(id) ?? [])
  return scopes.flatMap((scope) => {
    const api = apis.find((candidate) => Object.hasOwn(candidate.scopes, scope))
    const words = SCOPE_WORDS.get(scope) ?? api?.scopes[scope]
    return words === undefined ? [] : [{ scope, words }]
  })
}

/** A parameter that is a text, a list of texts, or absent. */
export function textsOf(parameter: unknown): readonly string[] {
  return [parameter].flat().filter((item) => typeof item === 'string')
}

/** What a `scope` parameter names. */
export function splitScope(parameter: unknown): readonly string[] {
  return typeof parameter === 'string' ? parameter.split(' ').filter((scope) => scope !== '') : []
}
