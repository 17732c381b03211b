import { hasRungTooMany, tooSoonToAsk } from '../auth/asking-pace.ts'
import type { AuthProvider } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { LIVE, requestAuthorization, requirementOf } from '../auth/authorization.ts'
import { authorizationQuestion } from '../auth/authorization-question.ts'
import { openInteraction } from '../interaction/interactions.ts'
import { digestJson } from '../runtime/digest.ts'
import { keep } from '../store/journal.ts'
import type { AuthorizationRow } from '../store/rows.ts'
import type { Admission, AtGate } from './at-gate.ts'
import { refusal } from './refusal.ts'
import { roomToAsk } from './room-to-ask.ts'

/** A call that needs an authorization, in a unit. */
type Needing = Pick<AtGate, 'transaction' | 'ledger' | 'journal' | 'call' | 'deps'>

/** What is to be asked for. */
interface Wanted {
  readonly provider: AuthProvider
  readonly requirement: AuthRequirement
  /** Of the vault. */
  readonly key: string
  readonly again: string | undefined
}

/** Whose device would ring, and for what. */
interface Ringing {
  readonly personDigest: string
  readonly sameDigest: string
}

/**
 * Starts an attempt, if its person may be asked now: its row is written, the provider is asked after the commit. Where somebody's device rings already for the
 * same call with the same arguments, that request counts for this one, too.
 */
export async function beginAuthorization(at: Needing, wanted: Wanted): Promise<Admission> {
  const { transaction, ledger, journal, call, deps } = at
  const { provider } = wanted
  const ringing = provider.notifies ? ringingOf(at, wanted) : undefined
  const leader = ringing && (await sameRequest(at, ringing))
  const no = leader || !provider.advance ? undefined : await notNow(at, wanted, ringing?.personDigest)
  if (no) return no
  // How long it lasts is written down: whoever ends the call or the run need not know the provider.
  const { reuse = provider.reuse } = wanted.requirement
  const requirement = reuse === 'service' ? wanted.requirement : { ...wanted.requirement, reuse }
  const asked = {
    ...wanted,
    requirement,
    ...ringing,
    run: journal.run,
    callId: call.id,
    timeoutMs: deps.limits.consentTimeoutMs,
    runtime: deps.runtime,
  }
  if (leader) return follow(at, leader, asked)
  const authorization = await requestAuthorization(transaction, ledger, asked)
  keep(journal.authorizations, authorization)
  if (ringing) ledger.event({ type: 'authorization-request', runId: call.runId, callId: call.id, tool: call.tool, host: provider.host })
  return { kind: 'begin', authorization }
}

/** Waits for the end of another request. Whoever asks is shown what is waited for, unless the same run shows it already. */
async function follow(
  at: Needing,
  leader: AuthorizationRow,
  asked: Wanted & Parameters<typeof requestAuthorization>[2],
): Promise<Admission> {
  const { transaction, ledger, journal, call, deps } = at
  const { runtime } = deps
  const isShown = leader.runId === call.runId
  const interactionId = isShown ? {} : { interactionId: runtime.id() }
  const authorization = await requestAuthorization(transaction, ledger, { ...asked, leaderId: leader.id, ...interactionId })
  keep(journal.authorizations, authorization)
  if (isShown) {
    ledger.event({ type: 'tool-wait', runId: call.runId, callId: call.id, tool: call.tool })
    return { kind: 'blocked' }
  }
  const { bindingMessage } = requirementOf(leader)
  const challenge = { kind: 'backchannel', ...(bindingMessage !== undefined && { bindingMessage }) } as const
  const { provider, requirement } = asked
  const interaction = await openInteraction(transaction, ledger, {
    id: authorization.interactionId ?? '',
    run: journal.run,
    callId: call.id,
    place: `auth:${authorization.id}`,
    timeoutMs: leader.expiresAt - runtime.now(),
    question: authorizationQuestion({ challenge, provider, requirement, tool: call.tool, startUrl: '' }),
    runtime,
  })
  keep(journal.interactions, interaction)
  return { kind: 'blocked' }
}

/** Without the binding message: it may be made anew each time. */
function ringingOf({ journal, call, deps }: Needing, { provider, requirement }: Wanted): Ringing {
  const { loginHint, resource = '', authorizationDetails = [] } = requirement
  // Where nobody is named, it is whoever asks.
  // Servers do not tell case apart in a name or an address: nobody is another person by it.
  const named = loginHint?.normalize('NFKC').trim().toLowerCase() ?? null
  const person = [requirement.provider, provider.clientId, named, named === null ? journal.run.principal.id : null]
  const scopes = [...provider.scopesOf(requirement)]
  const same = [journal.run.principal.id, ...person, resource, scopes, [...authorizationDetails], call.tool, call.input]
  return { personDigest: digestJson(deps.runtime, person), sameDigest: digestJson(deps.runtime, same) }
}

/** Two that come at once see each other: whoever asks a person holds the person. */
async function sameRequest({ transaction }: Needing, { personDigest, sameDigest }: Ringing) {
  await transaction.lock(personDigest)
  const [open] = await transaction.find('authorizations', { sameDigest, leaderId: null, state: { oneOf: LIVE } }, { limit: 1 })
  return open
}

/** A provider that asks nobody may be asked at any time; a person may not. */
async function notNow(at: Needing, { provider, requirement }: Wanted, personDigest: string | undefined): Promise<Admission | undefined> {
  const { runtime, limits } = at.deps
  // Whose device rings need not be who asks: how often is then a matter of that person alone.
  const room = personDigest === undefined ? await roomToAsk(at) : 'now'
  if (room === 'later') return { kind: 'blocked' }
  if (room !== 'now') return { kind: 'refused', refusal: room }
  const { principal, createdAt: spokeAt } = at.journal.run
  const asker = { principalId: principal.id, provider: requirement.provider, now: runtime.now() }
  if (personDigest !== undefined && (await hasRungTooMany(at.transaction, asker, limits))) {
    const message = 'Too many people were asked on their devices in the last minute. Do not try again now: say so.'
    return { kind: 'refused', refusal: refusal('refused', 'limit_exceeded', message) }
  }
  const whom = personDigest === undefined ? { principalId: principal.id, provider: requirement.provider } : { personDigest }
  const what = personDigest === undefined ? `to sign in at ${provider.host}` : `on their device, for ${provider.host},`
  switch (await tooSoonToAsk(at.transaction, { whom, now: runtime.now(), spokeAt }, limits)) {
    case 'declined': {
      const message = `The person declined ${what} a moment ago. Do not try again now: say so, and wait until they ask for it.`
      return { kind: 'refused', refusal: refusal('refused', 'access_denied', message) }
    }
    case 'asked': {
      const message = `The person was asked too often in the last minute ${what}. Do not try again now: say so.`
      return { kind: 'refused', refusal: refusal('refused', 'limit_exceeded', message) }
    }
    case undefined:
      return undefined
  }
}
