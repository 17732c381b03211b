import { z } from 'zod'
import { checkClient, oauthClientKeys } from './oauth-client-config.ts'

// Tokens of nobody's are shared by all, and end with their time: nothing withdraws them.
const { revocation_url: _unused, ...clientKeys } = oauthClientKeys

/** A client that acts as itself, with the key names of the other OAuth providers. */
export const clientCredentialsConfig = z
  .strictObject({
    ...clientKeys,
    client_secret: oauthClientKeys.client_secret.describe(
      'From a variable. Either it or client_key is needed: only a client that proves who it is gets tokens.',
    ),
    token_url: oauthClientKeys.token_url.describe('For a server that does not describe itself: where tokens are issued.'),
    scopes: oauthClientKeys.scopes.describe('What the client asks for, beyond what a tool asks for.'),
    audience: z.string().min(1).max(1000).optional().describe('What tokens are for, at a server that knows no resources, such as Auth0.'),
  })
  .superRefine((config, context) => {
    const report = (key: keyof typeof config, message: string): void => context.addIssue({ code: 'custom', path: [key], message })
    if (config.token_url === undefined && config.issuer === undefined) report('issuer', 'give "issuer" or "token_url"')
    if (config.token_endpoint_auth_method === 'none')
      report('token_endpoint_auth_method', '"none" proves nothing: such a client gets no tokens')
    else if (config.client_secret === undefined && config.client_key === undefined && config.token_endpoint_auth_method == null)
      report('client_secret', 'give "client_secret" or "client_key": only a client that proves who it is gets tokens (RFC 6749 §4.4)')
    else checkClient(config, report)
  })

/** A checked configuration; what is secret is sealed in a `Secret`. */
export type ClientCredentialsConfig = z.output<typeof clientCredentialsConfig>
