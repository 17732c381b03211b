import { z } from 'zod'
import { CountersignError } from '../errors.ts'
import type { Option, Question } from '../protocol/interaction.ts'
import { shownText } from './shown-text.ts'

/** The longest text of a question, UTF-16 units: a person has to read it. */
const MAX_TEXT = 4_000
/** The longest label, value or id. */
const MAX_NAME = 200
const MAX_DESCRIPTION = 1_000
/** How many options one question may have: more are a search, not a question. */
const MAX_OPTIONS = 200
/** The longest wait, seconds: 30 days. */
const MAX_TIMEOUT = 30 * 24 * 60 * 60

/** Text for a person: what they could not see is taken out of it, and what is left must say something. */
function shown(longest: number): z.ZodType<string> {
  return z
    .string()
    .transform(shownText)
    .refine((text) => text.trim() !== '', 'is empty')
    .refine((text) => text.length <= longest, `is longer than ${longest} characters`)
}

/** A name that comes back in an answer: it is not mended, for the tool would not know it again. */
const name = z
  .string()
  .min(1, 'is empty')
  .max(MAX_NAME, `is longer than ${MAX_NAME} characters`)
  .refine((text) => shownText(text) === text && text.trim() === text, 'begins or ends with a space, or has characters that cannot be seen')

const option = z
  .strictObject({ label: shown(MAX_NAME), value: name, description: shown(MAX_DESCRIPTION).optional(), id: name.optional() })
  .transform(({ label, value, description, id = value }): Option => ({
    id,
    label,
    value,
    ...(description !== undefined && { description }),
  }))

const base = {
  text: shown(MAX_TEXT),
  timeoutSeconds: z.int().min(1).max(MAX_TIMEOUT).optional(),
  expiredText: shown(MAX_TEXT).optional(),
}

const options = z
  .array(option)
  .min(1, 'has nothing to choose from')
  .max(MAX_OPTIONS, `has more than ${MAX_OPTIONS} entries`)
  .superRefine(refuseDoubles)

const question = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), ...base, placeholder: shown(MAX_NAME).optional(), required: z.boolean().optional() }),
  z.strictObject({ kind: z.literal('notification'), ...base }),
  z.strictObject({
    kind: z.literal('binary_choice'),
    ...base,
    options: options.refine(({ length }) => length === 2, 'has not two entries'),
  }),
  z.strictObject({ kind: z.enum(['radio', 'checkbox', 'dropdown']), ...base, options }),
])

/**
 * A tool's question as it is put to a person, with what it leaves out filled in.
 * @throws CountersignError `invalid_question` for one that could not be shown, or not be answered without doubt
 */
export function checkQuestion(asking: unknown): Question {
  const checked = question.safeParse(asking)
  // The schema has read every member: what an option or a text leaves out is absent, as the type says.
  if (checked.success) return checked.data as Question
  const [issue] = checked.error.issues
  const where = ['the question', ...(issue?.path ?? []).map(String)].join('.')
  throw new CountersignError('invalid_question', `${where}: ${issue?.message ?? 'is none'}`)
}

/** A word that stands for two options would leave open which one an answer means. */
function refuseDoubles(offered: readonly Option[], context: z.RefinementCtx): void {
  const owners = new Map<string, number>()
  for (const [at, { id, value, label }] of offered.entries()) {
    for (const word of [id, value, label]) {
      const owner = owners.get(word) ?? at
      owners.set(word, owner)
      if (owner !== at) context.addIssue({ code: 'custom', path: [at], message: `shares its value, id or label with entry ${owner}` })
    }
  }
}
