import { z } from 'zod'
import { checkClient, endpoint, oauthClientKeys } from './oauth-client-config.ts'

/** Parameters of the authorization request that protect it: a configuration must not take them over. */
const reservedParameters: ReadonlySet<string> = new Set([
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  // Either could replace every other parameter (RFC 9101 §6.3).
  'request',
  'request_uri',
  'dpop_jkt',
])

/** An OAuth client and its authorization server, with the key names of NAT's `oauth2_auth_code_flow`. */
export const oauthConfig = z
  .strictObject({
    ...oauthClientKeys,
    client_secret: oauthClientKeys.client_secret.describe(
      'From a variable. Without it and without client_key this is a public client, protected by PKCE alone.',
    ),
    authorization_url: endpoint.optional().describe('For a server that does not describe itself: where people sign in.'),
    token_url: oauthClientKeys.token_url.describe('For a server that does not describe itself: where codes become tokens.'),
    scopes: oauthClientKeys.scopes.describe('What people are asked to allow, beyond what a tool asks for.'),
    redirect_uri: endpoint.optional().describe('Default: the callback address of the server that runs the workflow.'),
    use_par: z
      .boolean()
      .default(false)
      .describe(
        'Whether the request goes to the server itself, and the browser carries only its name (RFC 9126). A server that requires it has its way.',
      ),
    pushed_authorization_request_url: endpoint
      .optional()
      .describe('For a server that does not describe itself: where requests are pushed to. With it, they are.'),
    authorization_kwargs: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
      .nullish()
      .describe('Further parameters of the authorization request, such as prompt or audience.'),
    use_pkce: z.boolean().default(true).describe('Understood for old files: PKCE stays on, whatever is said here.'),
    unsafe_disable_pkce: z
      .boolean()
      .default(false)
      .describe('Only for a server that refuses requests with PKCE: a stolen code can then be redeemed by others (RFC 9700 §2.1.1).'),
    preflight_auth: z.boolean().default(false).describe('Understood for old files: people are asked when a tool needs their sign-in.'),
  })
  .superRefine((config, context) => {
    const report = (key: keyof typeof config, message: string): void => context.addIssue({ code: 'custom', path: [key], message })
    if ((config.authorization_url === undefined) !== (config.token_url === undefined)) {
      report(
        config.token_url === undefined ? 'token_url' : 'authorization_url',
        'authorization_url and token_url belong together: give both, or only "issuer"',
      )
    } else if (config.authorization_url === undefined && config.issuer === undefined) {
      report('issuer', 'give "issuer", or both "authorization_url" and "token_url"')
    }
    if (config.use_par && config.authorization_url !== undefined && config.pushed_authorization_request_url === undefined)
      report('pushed_authorization_request_url', '"use_par" with explicit addresses needs the one where requests are pushed to')
    checkClient(config, report)
    for (const key of Object.keys(config.authorization_kwargs ?? {}).filter((name) => reservedParameters.has(name))) {
      report('authorization_kwargs', `"${key}" is set by the provider itself and cannot be given here`)
    }
  })

/** A checked configuration; the secret is sealed in a `Secret`. */
export type OauthConfig = z.output<typeof oauthConfig>

/** The host of the authorization server: people are shown it, and credentials are bound to it. */
export function serverHost(config: Pick<OauthConfig, 'authorization_url' | 'issuer'>): string {
  return new URL(config.authorization_url ?? config.issuer ?? '').host
}
