import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DEMO_CLIENTS } from '@countersign/demo-provider'

/** How the workflow of a test differs from the usual one. */
export interface WorkflowOptions {
  /** As which of the provider's clients the server signs people in; default `public`. */
  readonly client?: keyof typeof DEMO_CLIENTS
  readonly scopes?: readonly string[]
  /** Where the server redeems codes, if not where the provider's metadata says. */
  readonly tokenUrl?: string
  /** An entry of `llms` in place of the keyword router. */
  readonly llm?: object
  /** Further entries of `functions`; the agent may use all of them. */
  readonly functions?: Readonly<Record<string, object>> | ((issuer: string) => Readonly<Record<string, object>>)
  /** Further entries of `authentication`, at the address of the provider. */
  readonly authentication?: (issuer: string) => Readonly<Record<string, object>>
  /** A built plugin; it is named from a file beside the workflow. */
  readonly pluginFile?: string
  /** Further keys of the tool. */
  readonly tool?: object
  /** Further keys of `general.front_end`. */
  readonly frontEnd?: object
}

/** Where the parts of a test listen. */
export interface Addresses {
  readonly port: number
  readonly issuer: string
}

/** Writes a workflow whose one tool needs a sign-in. @returns its path */
export function writeWorkflow(folder: string, { port, issuer }: Addresses, options: WorkflowOptions): string {
  const answers = { who_am_i: 'You are logged in as {name} ({email}).' }
  const { pluginFile } = options
  const functions = typeof options.functions === 'function' ? options.functions(issuer) : options.functions
  if (pluginFile !== undefined) writeFileSync(join(folder, 'plugin.js'), `export { plugin } from '${pathToFileURL(pluginFile).href}'`)
  const workflow = {
    ...(pluginFile !== undefined && { plugins: ['./plugin.js'] }),
    general: { front_end: { host: 'localhost', port, ...options.frontEnd } },
    store: { url: `sqlite:${join(folder, 'countersign.db')}` },
    functions: {
      who_am_i: { _type: 'who_am_i', auth_provider: 'demo', api_url: `${issuer}/api/me`, ...options.tool },
      ...functions,
    },
    llms: { demo: options.llm ?? { _type: 'keyword_router', answers } },
    authentication: { demo: authentication(issuer, options), ...options.authentication?.(issuer) },
    workflow: {
      _type: 'tool_calling_agent',
      title: 'Simple auth',
      tool_names: ['who_am_i', ...Object.keys(functions ?? {})],
      llm_name: 'demo',
    },
  }
  const file = join(folder, 'workflow.yml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(workflow))
  return file
}

function authentication(issuer: string, { client = 'public', scopes = ['openid', 'profile', 'email'], tokenUrl }: WorkflowOptions): object {
  const { clientId, authentication: method } = DEMO_CLIENTS[client]
  const secret = clientSecretOf(client)
  return {
    _type: 'oauth2_auth_code_flow',
    issuer,
    client_id: clientId,
    scopes,
    ...(secret !== undefined && { client_secret: secret, token_endpoint_auth_method: method }),
    ...(tokenUrl !== undefined && { authorization_url: `${issuer}/oauth/authorize`, token_url: tokenUrl }),
  }
}

/** The secret of a client, if it has one. */
export function clientSecretOf(client: keyof typeof DEMO_CLIENTS): string | undefined {
  const known = DEMO_CLIENTS[client]
  return 'clientSecret' in known ? known.clientSecret : undefined
}
