import { digestText } from '../runtime/digest.ts'
import { areEqualTexts } from '../runtime/equal-texts.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Store } from '../store/store.ts'

/** The longest request id and token that are looked at (CIBA Core §7.1: a notification token has at most 1024 characters). */
const MAX_LENGTH = 1024

/**
 * Takes an authorization server's word that there is news of a request, if it brings what that request gave it: the request is due at once. The news itself is asked
 * for, never taken from the ping.
 * @returns whether something is due
 * @see CIBA Core §10.2
 */
export async function receivePing(
  { store, runtime }: { readonly store: Store; readonly runtime: Runtime },
  { requestId, token }: { readonly requestId: string; readonly token: string },
): Promise<boolean> {
  if (requestId.length > MAX_LENGTH || token.length > MAX_LENGTH) return false
  const stateDigest = digestText(runtime, requestId)
  const pingDigest = digestText(runtime, token)
  return store.transact('ping', async (transaction) => {
    const found = await transaction.get('authorizations', { stateDigest })
    if (!found || !areEqualTexts(found.pingDigest ?? '', pingDigest)) return false
    await transaction.lock(found.conversationId)
    // Also while it is being polled: that answer may be older than the news.
    const isOpen = { id: found.id, state: { oneOf: ['waiting', 'exchanging'] } } as const
    return (await transaction.update('authorizations', isOpen, { pollAt: runtime.now() })) > 0
  })
}
