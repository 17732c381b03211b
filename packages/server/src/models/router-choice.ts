import type { JsonObject, ToolDescription } from '@countersign/core'
import { findArguments } from './router-arguments.ts'
import type { FoundArguments } from './router-arguments.ts'
import { isNoRequest, opposingWords, wordsOf } from './router-lexicon.ts'
import { planArguments, planSchema, spoken } from './router-plan.ts'
import type { RouterPlan } from './router-plan.ts'
import { lexicalScores } from './router-score.ts'
import type { Candidate } from './router-score.ts'

/** What a question is taken for. */
export type Choice =
  | { readonly type: 'call'; readonly tool: string; readonly input: JsonObject }
  | { readonly type: 'plan'; readonly plan: RouterPlan }
  /** Something is meant, but it is not clear enough to act on. */
  | { readonly type: 'clarify'; readonly text: string }
  | { readonly type: 'none'; readonly text: string }

/** What can be chosen from. */
export interface Offer {
  readonly tools: readonly ToolDescription[]
  readonly plans: readonly RouterPlan[]
}

/** How sure a choice must be. */
export interface Thresholds {
  /** Least lexical score. */
  readonly lexical: number
  /** Least score with arguments counted in. */
  readonly total: number
  /** Least part of the question's words that must be understood. */
  readonly understood: number
}

interface Rated {
  readonly candidate: Candidate
  readonly found: FoundArguments
  readonly plan?: RouterPlan
  readonly score: number
  readonly isLikely: boolean
}

/** Chooses a tool or a plan for a question, asks back, or says what can be asked. Nothing but the question and the tools decides. */
export function choose(question: string, offer: Offer, thresholds: Thresholds): Choice {
  const none: Choice = { type: 'none', text: whatCanBeAsked(offer) }
  if (isNoRequest(question)) return none
  const likely = rate(question, offer, thresholds)
    .filter(({ isLikely }) => isLikely)
    .toSorted((left, right) => right.score - left.score || Number(right.plan !== undefined) - Number(left.plan !== undefined))
  const best = likely[0]
  if (best === undefined) return none
  const rival = likely.slice(1).find((other) => best.score - other.score < 0.15 * best.score && !belongTogether(best, other))
  if (rival !== undefined)
    return { type: 'clarify', text: `Do you mean "${nameOf(best)}" or "${nameOf(rival)}"? Please say it in other words.` }
  if (best.found.missing.length > 0) return { type: 'clarify', text: whatIsMissing(best) }
  return best.plan === undefined ? { type: 'call', tool: best.candidate.name, input: best.found.input } : { type: 'plan', plan: best.plan }
}

function rate(question: string, { tools, plans }: Offer, thresholds: Thresholds): readonly Rated[] {
  const parts: { readonly candidate: Candidate; readonly found: FoundArguments; readonly plan?: RouterPlan }[] = [
    ...tools.map((tool) => ({ candidate: tool, found: findArguments(tool.inputSchema, question) })),
    ...plans.flatMap((plan) => {
      const found = planArguments(plan, tools, question)
      return found === undefined ? [] : [{ candidate: { ...plan, inputSchema: planSchema(plan, tools) }, found, plan }]
    }),
  ]
  const asked = new Set(wordsOf(question))
  const lexical = lexicalScores(
    parts.map(({ candidate }) => candidate),
    question,
  )
  return parts.map((part, at) => {
    const { score = 0, known = new Set<string>(), isExample = false } = lexical[at] ?? {}
    const { byType, missing, words } = part.found
    const total = score + 0.8 * byType - 0.4 * missing.length + (isExample ? 3 : 0)
    const understood = [...asked].filter((word) => known.has(word) || words.has(word)).length / Math.max(1, asked.size)
    const isSure = total >= thresholds.total || score >= thresholds.total
    const isOpposed = opposingWords(question).some((word) => !known.has(word))
    return {
      ...part,
      score: total,
      isLikely: isExample || (!isOpposed && score >= thresholds.lexical && isSure && understood >= thresholds.understood),
    }
  })
}

/** A plan and its own tools do not compete: the better one is meant. */
function belongTogether(one: Rated, other: Rated): boolean {
  const isPart = (whole: Rated, part: Rated): boolean =>
    whole.plan?.calls.some(({ tool }) => part.plan === undefined && tool === part.candidate.name) ?? false
  return isPart(one, other) || isPart(other, one)
}

function whatIsMissing(best: Rated): string {
  return `For "${nameOf(best)}" I also need: ${best.found.missing.map(spoken).join(', ')}. Please say it all in one sentence.`
}

function whatCanBeAsked({ tools, plans }: Offer): string {
  const all: readonly Pick<Candidate, 'name' | 'examples'>[] = [...plans, ...tools]
  if (all.length === 0) return 'I am a keyword router, not a language model, and I have no tools to use.'
  const offers = all.slice(0, 8).map(({ name, examples }) => (examples?.[0] === undefined ? spoken(name) : `"${examples[0]}"`))
  return `I am a keyword router, not a language model, and found nothing in that which I can do. You can ask me: ${offers.join(' · ')}`
}

function nameOf(rated: Rated): string {
  return spoken(rated.candidate.name)
}
