import { z } from 'zod'
import type { Credential } from '../auth/credential.ts'
import { Secret } from '../runtime/secret.ts'
import { configuredSecret, secretOrigins } from './configured-secret.ts'
import { defineProvider } from './define-provider.ts'

/** RFC 9110 §5.6.2, also the form of a cookie's name (RFC 6265 §4.1.1). */
const token = /^[!#$%&'*+.^_`|~\w-]{1,100}$/

/** Headers that say how a message travels, or that another scheme is for. */
const takenHeaders: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'cookie',
  'host',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The keys that each scheme takes besides the key itself, the needed one first. */
const keysOf = {
  Bearer: [],
  'X-API-Key': [],
  Custom: ['custom_header_name', 'custom_header_prefix'],
  Query: ['query_parameter'],
  Cookie: ['cookie_name'],
} as const
const placeKeys = ['custom_header_name', 'custom_header_prefix', 'query_parameter', 'cookie_name'] as const

const apiKeyConfig = z
  .strictObject({
    raw_key: z
      .string()
      .regex(/^[\x21-\x7e]{8,4096}$/, 'must be at least eight visible ASCII characters without spaces')
      .transform((text) => new Secret(text))
      .describe('The key, from a variable.'),
    auth_scheme: z
      .enum(['Bearer', 'X-API-Key', 'Custom', 'Query', 'Cookie'])
      .default('Bearer')
      .describe('How the key goes to the API: as a bearer token, in the header X-API-Key or another one, in the address, or in a cookie.'),
    custom_header_name: z
      .string()
      .regex(token, 'must be the name of a header (RFC 9110 §5.1)')
      .refine((header) => !takenHeaders.has(header.toLowerCase()), 'must be a header that is free for a key')
      .optional()
      .describe('The header of the scheme Custom.'),
    custom_header_prefix: z
      .string()
      .regex(/^[\x21-\x7e]{1,100}$/, 'must be one word of visible ASCII characters')
      .optional()
      .describe('What stands before the key in that header.'),
    query_parameter: z
      .string()
      .regex(/^[\w.~-]{1,100}$/, 'must be letters, digits, "-", ".", "_" and "~"')
      .optional()
      .describe('The parameter of the scheme Query.'),
    cookie_name: z
      .string()
      .regex(token, 'must be the name of a cookie (RFC 6265 §4.1.1)')
      .optional()
      .describe('The cookie of the scheme Cookie.'),
    origins: secretOrigins,
    preflight_auth: z.boolean().default(false).describe('Understood for old files: it has no effect here.'),
  })
  .superRefine((config, context) => {
    const report = (key: keyof typeof config, message: string): void => context.addIssue({ code: 'custom', path: [key], message })
    const taken: readonly string[] = keysOf[config.auth_scheme]
    const [needed] = keysOf[config.auth_scheme]
    if (needed !== undefined && config[needed] === undefined) report(needed, `the scheme "${config.auth_scheme}" needs it`)
    for (const key of placeKeys.filter((each) => config[each] !== undefined && !taken.includes(each)))
      report(key, `has no meaning for the scheme "${config.auth_scheme}"`)
    if (config.auth_scheme === 'Cookie' && /[",;\\]/.test(config.raw_key.reveal()))
      report('raw_key', 'holds a character that no cookie can carry (RFC 6265 §4.1.1)')
  })

type ApiKeyConfig = z.output<typeof apiKeyConfig>

/** A key that an API has given to the operator, with the key names of NAT's `api_key`: the agent shows it, whomever it acts for. */
export const apiKey = defineProvider({
  type: 'api_key',
  config: apiKeyConfig,
  create: (config, { name }) =>
    configuredSecret({
      type: 'api_key',
      name,
      account: '',
      origins: config.origins,
      credential: { accessToken: config.raw_key, ...wayOf(config) },
    }),
  cautions: ({ auth_scheme }): Readonly<Record<string, string>> =>
    auth_scheme === 'Query' ? { auth_scheme: 'addresses end up in logs: use a header if the API takes the key there' } : {},
})

function wayOf(config: ApiKeyConfig): Pick<Credential, 'tokenType' | 'place'> {
  const { custom_header_name = '', custom_header_prefix: prefix, query_parameter = '', cookie_name = '' } = config
  switch (config.auth_scheme) {
    case 'Bearer':
      return { tokenType: 'bearer' }
    case 'X-API-Key':
      return { tokenType: 'api_key', place: { in: 'header', name: 'X-API-Key' } }
    case 'Custom':
      return { tokenType: 'api_key', place: { in: 'header', name: custom_header_name, ...(prefix !== undefined && { prefix }) } }
    case 'Query':
      return { tokenType: 'api_key', place: { in: 'query', name: query_parameter } }
    case 'Cookie':
      return { tokenType: 'api_key', place: { in: 'cookie', name: cookie_name } }
  }
}
