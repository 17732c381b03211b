import { z } from 'zod'
import { Secret } from '../runtime/secret.ts'
import { isAllowedAddress } from './oauth-address.ts'
import { resources } from './oauth-resource.ts'
import { privateKeyText } from './private-key.ts'

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
    .describe('From a variable. Without it and without client_key this is a public client.'),
  client_key: privateKeyText
    .transform((text) => new Secret(text))
    .optional()
    .describe(
      'Instead of a secret: the private key by which this client shows who it is (RFC 7523), a JWK or PKCS#8 in PEM, from a variable.',
    ),
  client_key_id: z.string().min(1).optional().describe('What the authorization server calls that key. Default: the kid of the JWK.'),
  issuer: issuer.optional().describe('The authorization server, which describes itself there (RFC 8414, OpenID Connect Discovery).'),
  token_url: endpoint.optional().describe('For a server that does not describe itself: where grants become tokens.'),
  revocation_url: endpoint.optional().describe('For a server that does not describe itself: where tokens are revoked (RFC 7009).'),
  token_endpoint_auth_method: z
    .enum(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'])
    .nullish()
    .describe('How this client shows who it is (RFC 7591 §2). Default: by what it has, a secret (client_secret_basic), a key, or none.'),
  scopes: z.array(scope).default([]).describe('What is asked for, beyond what a tool asks for.'),
  resource: resources.optional().describe('The APIs that tokens are for where a tool names none (RFC 8707): one URI, or a list.'),
  dpop: z
    .boolean()
    .default(false)
    .describe('Whether tokens are bound to a key of this server, so that a stolen one is of no use (RFC 9449).'),
} as const

/** What every configuration of an OAuth provider has. */
export type OauthClientConfig = z.output<z.ZodObject<typeof oauthClientKeys>>

type ClientKey = 'client_secret' | 'client_key' | 'client_key_id' | 'token_endpoint_auth_method'

/** Reports what contradicts itself in the way a client shows who it is. */
export function checkClient(config: Pick<OauthClientConfig, ClientKey>, report: (key: ClientKey, message: string) => void): void {
  const { client_secret, client_key, client_key_id, token_endpoint_auth_method: method } = config
  if (client_secret !== undefined && client_key !== undefined)
    report('client_key', 'give client_secret or client_key: only one of them is used')
  if (client_key === undefined && client_key_id !== undefined) report('client_key_id', 'names a key, but there is no client_key')
  if (method == null) return
  if (method === 'none') {
    const unsent = client_secret !== undefined ? 'client_secret' : client_key !== undefined ? 'client_key' : undefined
    if (unsent) report('token_endpoint_auth_method', `"none" would never send the configured ${unsent}: remove one of the two`)
    return
  }
  const needed = method === 'private_key_jwt' ? 'client_key' : 'client_secret'
  if (config[needed] === undefined) report(needed, `"${method}" needs a ${needed}`)
}
