import { z } from 'zod'
import { Secret } from '../runtime/secret.ts'
import { isAllowedAddress } from './oauth-address.ts'

const address = z
  .string()
  .refine(
    isAllowedAddress,
    'must be an https address without credentials, or an http address of this computer (localhost, 127.0.0.0/8, [::1])',
  )
/** An address at an authorization server. */
export const endpoint = address.refine((text) => !text.includes('#'), 'must not have a fragment (RFC 6749 §3.1)')
const issuer = address.refine((text) => !/[?#]/.test(text), 'must not have a query or a fragment (RFC 8414 §2)')
const scope = z
  .string()
  .regex(
    /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/,
    'must be one scope: printable characters without spaces, quotes and backslashes (RFC 6749 §3.3)',
  )

/** The keys by which every OAuth provider knows its authorization server and says who it is, with NAT's names where NAT has them. */
export const oauthClientKeys = {
  client_id: z.string().min(1).describe('What the authorization server calls this client.'),
  client_secret: z
    .string()
    .min(1)
    .transform((text) => new Secret(text))
    .optional()
    .describe('From a variable. Without it this is a public client.'),
  issuer: issuer.optional().describe('The authorization server, which describes itself there (RFC 8414, OpenID Connect Discovery).'),
  token_url: endpoint.optional().describe('For a server that does not describe itself: where grants become tokens.'),
  revocation_url: endpoint.optional().describe('For a server that does not describe itself: where tokens are revoked (RFC 7009).'),
  token_endpoint_auth_method: z
    .enum(['none', 'client_secret_basic', 'client_secret_post'])
    .nullish()
    .describe('How this client shows who it is (RFC 7591 §2). Default: client_secret_basic with a secret, none without one.'),
  scopes: z.array(scope).default([]).describe('What is asked for, beyond what a tool asks for.'),
} as const

/** What every configuration of an OAuth provider has. */
export type OauthClientConfig = z.output<z.ZodObject<typeof oauthClientKeys>>

/** Reports what contradicts itself in the way a client shows who it is. */
export function checkClient(config: OauthClientConfig, report: (key: keyof OauthClientConfig, message: string) => void): void {
  const method = config.token_endpoint_auth_method
  if (method === 'none' && config.client_secret !== undefined)
    report('token_endpoint_auth_method', '"none" would never send the configured client_secret: remove one of the two')
  if (method != null && method !== 'none' && config.client_secret === undefined)
    report('client_secret', `"${method}" needs a client_secret`)
}
