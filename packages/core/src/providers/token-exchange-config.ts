import { z } from 'zod'
import { checkClient, oauthClientKeys } from './oauth-client-config.ts'

/** Of the types that RFC 8693 §3 names, those that we hold. */
const heldType = z.enum(['access_token', 'id_token', 'jwt']).default('access_token')

/** An OAuth client that asks for a credential in exchange for another one, and its authorization server. */
export const tokenExchangeConfig = z
  .strictObject({
    ...oauthClientKeys,
    token_url: oauthClientKeys.token_url.describe('For a server that does not describe itself: where tokens are exchanged.'),
    scopes: oauthClientKeys.scopes.describe(
      'What is asked for, beyond what a tool asks for. A token that allows anything else is refused.',
    ),
    subject_provider: z
      .string()
      .min(1)
      .describe('The entry of "authentication" whose credential is exchanged: the new one speaks for the same person.'),
    subject_token_type: heldType.describe(
      'What is handed over of it: access_token, id_token, or jwt for an access token that the server is to read itself.',
    ),
    actor_provider: z.string().min(1).optional().describe('The entry whose credential says who acts for that person.'),
    actor_token_type: heldType.describe('What is handed over of that one.'),
    requested_token_type: z
      .enum(['access_token', 'jwt'])
      .default('access_token')
      .describe('What is asked for: an access token in whatever form, or one that is a JWT.'),
    audience: z
      .union([
        z
          .string()
          .min(1)
          .transform((one) => [one]),
        z.array(z.string().min(1)).min(1).max(20),
      ])
      .optional()
      .describe('The API by the name its server knows it by, or several, where that is not a URI ("resource").'),
  })
  .superRefine((config, context) => {
    const report = (key: keyof typeof config, message: string): void => context.addIssue({ code: 'custom', path: [key], message })
    if (config.issuer === undefined && config.token_url === undefined) report('issuer', 'give "issuer" or "token_url"')
    checkClient(config, report)
  })

/** A checked configuration; the secret is sealed in a `Secret`. */
export type TokenExchangeConfig = z.output<typeof tokenExchangeConfig>
