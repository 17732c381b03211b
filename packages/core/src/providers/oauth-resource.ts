import { z } from 'zod'
import type { AuthRequirement } from '../auth/auth-requirement.ts'

const resource = z
  .string()
  .refine((text) => URL.canParse(text) && !text.includes('#'), 'must be an absolute URI without a fragment (RFC 8707 §2)')

/** One resource or several, as the configuration of an OAuth provider names them. */
export const resources = z.union([resource.transform((one) => [one]), z.array(resource).min(1).max(20)])

/** What the tokens are for: the requirement's word, or that of the configuration. */
function resourcesOf(
  { resource: configured = [] }: { readonly resource?: readonly string[] | undefined },
  { resource: wanted }: Pick<AuthRequirement, 'resource'>,
): readonly string[] {
  return wanted === undefined ? configured : [wanted]
}

/** The same as parameters of a request: one for each (RFC 8707 §2). */
export function resourceParameters(...named: Parameters<typeof resourcesOf>): [string, string][] {
  return resourcesOf(...named).map((each) => ['resource', each])
}
