import { z } from 'zod'
import { bindingMessageRule } from './ciba-binding-message.ts'
import { checkClient, endpoint, oauthClientKeys } from './oauth-client-config.ts'

/** An OAuth client that asks people on devices of theirs, and its authorization server. */
export const cibaConfig = z
  .strictObject({
    ...oauthClientKeys,
    client_secret: oauthClientKeys.client_secret.describe(
      'From a variable. It or client_key is required: only such clients may ask people (CIBA Core §4).',
    ),
    backchannel_authentication_url: endpoint.optional().describe('For a server that does not describe itself: where people are asked.'),
    token_url: oauthClientKeys.token_url.describe('For a server that does not describe itself: where it is asked what they said.'),
    delivery_mode: z
      .enum(['poll', 'ping'])
      .default('poll')
      .describe('How the client is registered: with ping, the server says when there is news. It is polled all the same (CIBA Core §5).'),
    login_hint_format: z
      .enum(['plain', 'iss_sub'])
      .default('plain')
      .describe("How the server is told whom to ask: by the tool's word as it is, or as a subject of an issuer, in JSON."),
    hint_issuer: z.string().min(1).optional().describe('The issuer in that JSON. Default: what the server calls itself.'),
    id_token_hint_from: z
      .string()
      .min(1)
      .optional()
      .describe('An entry of authentication with the same client: whoever is signed in there is asked, and the tool names nobody.'),
    binding_message: bindingMessageRule.describe(
      'What the device may show: what one of default, auth0 and keycloak accepts, or required, max_length and pattern.',
    ),
    requested_expiry_seconds: z.int().min(1).max(86_400).optional().describe('For how long people are asked; the server decides.'),
    acr_values: z
      .array(z.string().regex(/^[\x21-\x7e]+$/, 'must be one value, without spaces'))
      .default([])
      .describe('How strongly people must prove who they are: one of these, which the ID token has to name.'),
    audience: z.string().min(1).optional().describe('The API, where a server wants it by this name (Auth0) instead of "resource".'),
  })
  .superRefine((config, context) => {
    const report = (key: keyof typeof config, message: string): void => context.addIssue({ code: 'custom', path: [key], message })
    const hasBoth = config.backchannel_authentication_url !== undefined && config.token_url !== undefined
    if (config.issuer === undefined && !hasBoth) report('issuer', 'give "issuer", or both "backchannel_authentication_url" and "token_url"')
    if (config.client_secret === undefined && config.client_key === undefined)
      report('client_secret', 'only a client with a secret or a key may ask people on their devices (CIBA Core §4)')
    if (config.id_token_hint_from !== undefined && (config.login_hint_format !== 'plain' || config.hint_issuer !== undefined))
      report('id_token_hint_from', 'is one way to say whom to ask, and "login_hint_format" is another: give one of them')
    if (config.hint_issuer !== undefined && config.login_hint_format === 'plain')
      report('hint_issuer', 'is sent only with login_hint_format: iss_sub')
    checkClient(config, report)
  })

/** A checked configuration; the secret is sealed in a `Secret`. */
export type CibaConfig = z.output<typeof cibaConfig>
