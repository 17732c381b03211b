import type { z } from 'zod'

/** What zod found, as a person would say it; undefined for what needs the place to be said. A schema's own messages come first. */
export function plainSentence(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'too_big':
      return atMost(issue)
    case 'too_small':
      return atLeast(issue)
    case 'invalid_format':
      return formats[issue.format] ?? 'does not have the form that is asked for'
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'invalid_key':
      return issue.issues[0] === undefined ? 'has a name that is not allowed' : `its name ${issue.issues[0].message}`
    case 'custom':
      return 'is not accepted here'
    default:
      return undefined
  }
}

const formats: Readonly<Record<string, string>> = {
  url: 'expected an address such as https://example.com',
  email: 'expected an e-mail address',
  base64: 'expected text in base64',
  date: 'expected a date such as 2026-01-31',
  datetime: 'expected a time such as 2026-01-31T12:00:00Z',
  duration: 'expected a duration such as PT5M',
  ipv4: 'expected an IPv4 address',
  ipv6: 'expected an IPv6 address',
  uuid: 'expected a UUID',
}

const counted: Readonly<Record<string, string>> = { string: 'characters', array: 'items', set: 'items', map: 'entries', object: 'keys' }

function atMost({ origin, maximum, inclusive = true }: z.core.$ZodRawIssue<z.core.$ZodIssueTooBig>): string {
  const unit = counted[origin]
  if (unit !== undefined) return `must have at most ${maximum} ${unit}`
  return inclusive ? `must be at most ${maximum}` : `must be less than ${maximum}`
}

function atLeast({ origin, minimum, inclusive = true }: z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall>): string {
  const unit = counted[origin]
  if (unit !== undefined) return Number(minimum) === 1 ? 'must not be empty' : `must have at least ${minimum} ${unit}`
  return inclusive ? `must be at least ${minimum}` : `must be more than ${minimum}`
}
