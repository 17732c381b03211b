import { z } from 'zod'
import { checkClient, endpoint, oauthClientKeys } from './oauth-client-config.ts'

/** An OAuth client whose people sign in on whatever device has a browser, and its authorization server. */
export const deviceCodeConfig = z
  .strictObject({
    ...oauthClientKeys,
    device_authorization_url: endpoint.optional().describe('For a server that does not describe itself: where codes are asked for.'),
    token_url: oauthClientKeys.token_url.describe('For a server that does not describe itself: where it is asked what became of a code.'),
    scopes: oauthClientKeys.scopes.describe('What people are asked to allow, beyond what a tool asks for.'),
    audience: z.string().min(1).optional().describe('The API, where a server wants it by this name (Auth0) instead of "resource".'),
  })
  .superRefine((config, context) => {
    const report = (key: keyof typeof config, message: string): void => context.addIssue({ code: 'custom', path: [key], message })
    const hasBoth = config.device_authorization_url !== undefined && config.token_url !== undefined
    if (config.issuer === undefined && !hasBoth) report('issuer', 'give "issuer", or both "device_authorization_url" and "token_url"')
    checkClient(config, report)
  })

/** A checked configuration; the secret is sealed in a `Secret`. */
export type DeviceCodeConfig = z.output<typeof deviceCodeConfig>
