import { endAuthorization, prepareStep, recordGrant, recordWait, requirementOf } from '../auth/authorization.ts'
import { authorizationSentence } from '../auth/authorization-sentence.ts'
import { providerOf } from '../auth/token-vault.ts'
import type { AuthStep } from '../auth/auth-provider.ts'
import { isCountersignError } from '../errors.ts'
import { keep } from '../store/journal.ts'
import type { Work } from './proceed.ts'
import type { Holding } from './holding.ts'

/** Asks the provider of a written-down authorization, and commits what it says: a question, a credential, or a no. */
export async function beginWork(holding: Holding, work: Extract<Work, { kind: 'begin' }>): Promise<void> {
  const { deps, workflow, journal, signal } = holding
  const { runtime, vault } = deps
  const { run } = journal
  const provider = providerOf(workflow.providers, work.authorization.provider)
  const context = { runtime, principal: run.principal, redirectUri: deps.redirectUri, signal }
  const begun = await provider.begin(requirementOf(work.authorization), context).catch(asRefusal)
  const step = await prepareStep(deps, work.authorization, begun)
  const tool = journal.calls.find((call) => call.id === work.authorization.callId)?.tool ?? work.authorization.provider
  await holding.finish(work, `authorization-${step.status}`, async ({ transaction, ledger, journal: draft }) => {
    if (draft.run.cancel !== null) return
    // Its browser has signed in to the server meanwhile: a credential that was sealed for nobody's vault is asked for again.
    if (step.status === 'granted' && step.credential.principalId !== draft.run.principal.id) return
    const authorization = draft.authorizations.find(({ id }) => id === work.authorization.id) ?? work.authorization
    if (step.status === 'waiting') {
      const asked = { run: draft.run, authorization, step, provider, tool, startUrl: deps.startUrl, runtime }
      const waiting = await recordWait(transaction, ledger, asked)
      if (!waiting) return
      keep(draft.authorizations, waiting.authorization)
      keep(draft.interactions, waiting.interaction)
      ledger.event({ type: 'tool-wait', runId: run.id, callId: authorization.callId, tool })
      return
    }
    const end =
      step.status === 'granted'
        ? ({ state: 'granted', by: 'system' } as const)
        : ({
            state: step.code === 'access_denied' ? 'denied' : 'failed',
            code: step.code,
            reason: step.reason ?? authorizationSentence(step.code, provider.host),
            by: 'system',
          } as const)
    const isEnd = await endAuthorization(transaction, ledger, { authorization, from: ['requested'], end, runtime })
    if (step.status === 'granted') {
      await vault.put(transaction, step.credential)
      if (isEnd) await recordGrant(transaction, runtime, { authorization, scopes: step.scopes })
    }
    keep(draft.authorizations, {
      ...authorization,
      state: end.state,
      failureCode: 'code' in end ? end.code : null,
      failureReason: 'reason' in end ? end.reason : null,
    })
  })
}

/** A provider that could not be asked has not said no, but there is nothing to wait for. */
function asRefusal(error: unknown): AuthStep {
  return { status: 'refused', code: isCountersignError(error) ? error.code : 'upstream_failed' }
}
