import type { AuthorizationRow } from '../store/rows.ts'
import type { Transaction } from '../store/store.ts'
import { isLive } from './authorization.ts'

/** How often one person may be asked to sign in at one provider: who is asked again and again says yes in the end to be left alone. */
export interface AskingPace {
  /** Sign-ins that may be asked for in a minute. */
  readonly signInsPerMinute: number
  /** How long after a no nothing is asked, milliseconds; each further no in a row doubles it, up to ten minutes. Who speaks again takes one no back. */
  readonly declineCoolDownMs: number
  /** Requests that may ring one person's device in a minute, and be open on it, whoever asks: who is rung again and again says yes to be left alone. */
  readonly pushesPerMinute: number
  /** Requests to the devices of whomever that one principal may have sent at one provider in a minute. */
  readonly pushesAskedPerMinute: number
  /** The same as `declineCoolDownMs` after a no on a device; who asks again here is not who said no there, so nothing takes it back. */
  readonly pushCoolDownMs: number
}

const MINUTE_MS = 60_000
const MAX_COOL_DOWN_MS = 10 * MINUTE_MS
/** How far back noes in a row are looked for: older ones are forgotten. */
const MEMORY_MS = 60 * MINUTE_MS
/** How many noes in a row are told apart: that many doublings pass every bound. */
const MAX_NOES = 12

/** Who is asked: a principal at a provider, or whoever a device belongs to. */
export type Whom = { readonly principalId: string; readonly provider: string } | { readonly personDigest: string }

/**
 * Why a person is not to be asked now at a provider. It is read from what was asked before, so it holds for all processes and after a restart; two
 * that ask in the same moment may both find room.
 * @param asking `spokeAt`: when the person said what is being worked on, epoch milliseconds; `without`: a request that would end
 * @returns undefined when they may be asked
 */
export async function tooSoonToAsk(
  transaction: Transaction,
  asking: { readonly whom: Whom; readonly now: number; readonly spokeAt: number; readonly without?: string },
  pace: AskingPace,
): Promise<'declined' | 'asked' | undefined> {
  const { whom, now } = asking
  const isPush = 'personDigest' in whom
  const perMinute = isPush ? pace.pushesPerMinute : pace.signInsPerMinute
  // Those that only share another's end have asked nobody.
  const since = { ...whom, leaderId: null, createdAt: { above: now - MEMORY_MS } }
  const limit = perMinute + MAX_NOES
  const newest = await transaction.find('authorizations', since, { orderBy: 'createdAt', descending: true, limit })
  // Where its server did not answer as it should, the device may have rung all the same.
  const mayHaveRung = ({ failureCode }: AuthorizationRow): boolean =>
    isPush && (failureCode === 'upstream_failed' || failureCode === 'outcome_unknown')
  const asked = newest.filter((row) => row.interactionId !== null || isLive(row) || mayHaveRung(row))
  const inAMinute = asked.filter(({ createdAt }) => createdAt > now - MINUTE_MS).length
  const isTooMuch =
    inAMinute >= perMinute || (isPush && asked.filter((row) => isLive(row) && row.id !== asking.without).length >= perMinute)
  const last = asked.find(isDecided)
  if (last?.state !== 'denied') return isTooMuch ? 'asked' : undefined
  const declinedAt = await settledAt(transaction, last)
  // A person's own words after a no may mean that they changed their mind.
  const noes = noesInARow(asked) - (!isPush && asking.spokeAt > declinedAt ? 1 : 0)
  const first = isPush ? pace.pushCoolDownMs : pace.declineCoolDownMs
  const coolDown = noes === 0 ? 0 : Math.min(first * 2 ** (noes - 1), MAX_COOL_DOWN_MS)
  if (now < declinedAt + coolDown) return 'declined'
  return isTooMuch ? 'asked' : undefined
}

/** Whether a principal has had so many devices ring in the last minute that it is to wait, whosever they were. */
export async function hasRungTooMany(
  transaction: Transaction,
  { principalId, provider, now }: { readonly principalId: string; readonly provider: string; readonly now: number },
  { pushesAskedPerMinute: limit }: Pick<AskingPace, 'pushesAskedPerMinute'>,
): Promise<boolean> {
  const since = { principalId, provider, leaderId: null, createdAt: { above: now - MINUTE_MS } }
  return (await transaction.find('authorizations', since, { limit })).length >= limit
}

function noesInARow(newest: readonly AuthorizationRow[]): number {
  const decided = newest.filter(isDecided)
  const yes = decided.findIndex(({ state }) => state === 'granted')
  return Math.min(yes === -1 ? decided.length : yes, MAX_NOES)
}

/** Somebody said yes or no. Nobody did where it ran out of time, failed, or was withdrawn. */
function isDecided({ state }: AuthorizationRow): boolean {
  return state === 'granted' || state === 'denied'
}

async function settledAt(transaction: Transaction, { interactionId, createdAt }: AuthorizationRow): Promise<number> {
  const question = await transaction.get('interactions', { id: interactionId ?? '' })
  return question?.settledAt ?? createdAt
}
