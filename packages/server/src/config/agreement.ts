import type { ConfiguredComponent } from './component.ts'
import { problem } from './issue-problems.ts'
import type { ConfigNode } from './node.ts'
import { quoted } from './problem.ts'
import type { Problem } from './problem.ts'
import { publicOriginOf } from './public-origin.ts'
import { missing } from './references.ts'
import type { ParsedConfig } from './schema.ts'

/** Where sections that are right in themselves do not fit together. */
export function agreementProblems(root: ConfigNode, parsed: ParsedConfig): readonly Problem[] {
  return [...redirectProblems(root, parsed), ...signInProblems(root, parsed)]
}

/** Authorization servers that send browsers back to one address: one that is hostile can lead people on to another, and be given the code of that one. */
export function agreementWarnings(root: ConfigNode, { authentication }: ParsedConfig): readonly Problem[] {
  const entries = [...authentication.values()].filter(({ type }) => type === 'oauth2_auth_code_flow')
  const sharing = entries.filter((entry) => !String(fieldOf(entry, 'redirect_uri')).endsWith(`/${entry.name}`))
  const servers = new Set(sharing.map((entry) => fieldOf(entry, 'issuer') ?? fieldOf(entry, 'authorization_url')))
  if (servers.size < 2) return []
  return sharing.map(({ name }) =>
    problem(
      root,
      ['authentication', name],
      `shares its callback with another authorization server; unless each names itself in its answers (iss, RFC 9207), give it a redirect_uri of its own that ends with ${quoted(`/${name}`)}`,
    ),
  )
}

/** A browser is sent back to where its cookies are: another address in the file would end every sign-in at a page that knows nothing. */
function redirectProblems(root: ConfigNode, { general, authentication }: ParsedConfig): readonly Problem[] {
  const { front_end: frontEnd } = general
  const isFixed = frontEnd.port !== 0 || frontEnd.public_url !== undefined
  const own = isFixed ? `${publicOriginOf(frontEnd, frontEnd.port)}${frontEnd.oauth2_callback_path}` : undefined
  return [...authentication.values()].flatMap((entry) => {
    const given = fieldOf(entry, 'redirect_uri')
    // One of its own, below the common one, tells servers apart that do not name themselves (RFC 9700 §4.4.2).
    if (typeof given !== 'string' || given === own || given === `${String(own)}/${entry.name}`) return []
    const advice = 'remove it, or set general.front_end.public_url to the address under which browsers reach this server'
    const sentence =
      own === undefined
        ? `this server's port is another at each start, so that no redirect_uri fits; ${advice}`
        : `this server's is ${quoted(own)}; ${advice}`
    return [problem(root, ['authentication', entry.name, 'redirect_uri'], sentence)]
  })
}

function signInProblems(root: ConfigNode, { general, authentication }: ParsedConfig): readonly Problem[] {
  const signIn = general.front_end.sign_in
  if (signIn === undefined) return []
  const path = ['general', 'front_end', 'sign_in', 'provider']
  const entry = authentication.get(signIn.provider)
  if (entry === undefined) return missing(root, path, 'authentication')
  if (entry.type !== 'oauth2_auth_code_flow')
    return [
      problem(
        root,
        path,
        `authentication.${entry.name} is of the type ${quoted(entry.type)}; "oauth2_auth_code_flow" signs people in to this server`,
      ),
    ]
  if (fieldOf(entry, 'issuer') !== undefined) return []
  return [problem(root, path, `authentication.${entry.name} has no "issuer", without which nobody's identity can be verified`)]
}

function fieldOf({ config }: ConfiguredComponent, key: string): unknown {
  return typeof config === 'object' && config !== null ? new Map<string, unknown>(Object.entries(config)).get(key) : undefined
}
