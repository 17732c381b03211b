import { z } from 'zod'
import { Secret } from '../runtime/secret.ts'
import { configuredSecret, secretOrigins } from './configured-secret.ts'
import { defineProvider } from './define-provider.ts'

/** RFC 7617 §2: neither part holds control characters. */
// oxlint-disable-next-line no-control-regex -- they are what is refused
const printable = /^[^\x00-\x1f\x7f-\x9f]{1,1024}$/

const httpBasicConfig = z.strictObject({
  username: z
    .string()
    .regex(printable, 'must not hold control characters (RFC 7617 §2)')
    .refine((text) => !text.includes(':'), 'must not hold a colon: the password would begin there (RFC 7617 §2)')
    .describe('The account at the API.'),
  password: z
    .string()
    .regex(printable, 'must not hold control characters (RFC 7617 §2)')
    .transform((text) => new Secret(text))
    .describe('From a variable.'),
  origins: secretOrigins,
  preflight_auth: z.boolean().default(false).describe('Understood for old files: it has no effect here.'),
})

/** A user and a password of the operator's at an API (RFC 7617), in UTF-8. */
export const httpBasic = defineProvider({
  type: 'http_basic',
  config: httpBasicConfig,
  create: ({ username, password, origins }, { name }) =>
    configuredSecret({
      type: 'http_basic',
      name,
      account: username,
      origins,
      credential: { tokenType: 'basic', accessToken: new Secret(basicWord(username, password)) },
    }),
})

function basicWord(username: string, password: Secret): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(`${username}:${password.reveal()}`)))
}
