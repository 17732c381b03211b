import { z } from 'zod'

/** What one server shows on the device besides its own words. */
export interface BindingMessageRule {
  readonly required: boolean
  /** In characters. */
  readonly max_length: number
  /** What the whole message must match. */
  readonly pattern: string
}

/** What known servers accept; they refuse the request otherwise (CIBA Core §13, `invalid_binding_message`). */
const presets = {
  default: { required: false, max_length: 64, pattern: String.raw`[\x20-\x7e]+` },
  auth0: { required: true, max_length: 64, pattern: '[A-Za-z0-9+_.,:#-]+' },
  keycloak: { required: false, max_length: 50, pattern: '[A-Za-z0-9._+/!?#-]+' },
} as const satisfies Readonly<Record<string, BindingMessageRule>>

const own = z.strictObject({
  required: z.boolean().default(presets.default.required).describe('Whether the server refuses a request without one.'),
  max_length: z.int().min(1).max(1000).default(presets.default.max_length).describe('In characters.'),
  pattern: z
    .string()
    .refine(isPattern, 'must be a regular expression')
    .default(presets.default.pattern)
    .describe('A regular expression that the whole message must match.'),
})

/** The name of a preset, or rules of their own: what either comes to. */
export const bindingMessageRule = z
  .union([z.enum(['default', 'auth0', 'keycloak']), own], {
    error: ({ input }) => (typeof input === 'string' ? 'must be default, auth0 or keycloak, or rules of its own' : undefined),
  })
  .default('default')
  .transform((rule): BindingMessageRule => (typeof rule === 'string' ? presets[rule] : rule))

/** Why a server would not show a message, in one sentence; undefined when it would. */
export function bindingMessageProblem(message: string | undefined, rule: BindingMessageRule): string | undefined {
  if (message === undefined) return rule.required ? 'The request needs a message for the other device, and the tool gives none.' : undefined
  const length = Array.from(message).length
  if (length > rule.max_length)
    return `The message for the other device may have ${rule.max_length} characters at most, and this one has ${length}.`
  if (!new RegExp(`^(?:${rule.pattern})$`, 'u').test(message))
    return `The message for the other device may hold only what matches ${rule.pattern}`
  // Whatever a pattern allows: what runs backwards, or cannot be seen, is compared by nobody.
  if (invisible.test(message)) return 'The message for the other device holds characters that nobody can see.'
  return undefined
}

const invisible = /[\p{C}\p{Zl}\p{Zp}]/u

function isPattern(text: string): boolean {
  try {
    return new RegExp(`^(?:${text})$`, 'u') instanceof RegExp
  } catch {
    return false
  }
}
