import type { AuthStep } from '../auth/auth-provider.ts'
import type { Credential } from '../auth/credential.ts'
import { type Behaviour, begun, expectNone, outcomeOf, type ProviderBench, stored, tokensOf, type Waiting } from './provider-bench.ts'

/** What a provider keeps to whose people decide on another device. */
export const polls: Readonly<Record<string, Behaviour>> = {
  'a wait for another device asks for no token, and says when it is polled and when it ends': async (bench, expect) => {
    if (bench.decide === undefined) return
    const before = bench.context.runtime.now()
    const { challenge, pollAt = 0, expiresAt = 0 } = await begun(bench)
    expect(['backchannel', 'device_code'].includes(challenge.kind)).toEqual(true)
    expect(before < pollAt && pollAt <= expiresAt).toEqual(true)
    expect(bench.tokenRequests()).toEqual(0)
  },

  'what another device waits for is found by its correlation, and what fetches its token is not shown': async (bench, expect) => {
    if (bench.decide === undefined) return
    const { challenge, correlation, pingToken, state } = await begun(bench)
    const isPinged = pingToken !== undefined
    expect([isPinged && correlation === undefined, isPinged && pingToken.length < 22]).toEqual([false, false])
    expectNone(expect, JSON.stringify(challenge), [...bench.secrets, correlation ?? '', pingToken ?? '', ...secretsIn(state['request'])])
  },

  'a poll before anybody has decided waits on, for the same request': async (bench, expect) => {
    if (bench.decide === undefined) return
    const step = await begun(bench)
    const next = await polled(bench, step)
    if (next?.status !== 'waiting') throw new Error(`expected to wait on, but it is ${JSON.stringify(next)}`)
    expect(stored(next)).toEqual(next)
    expect([next.challenge, next.correlation, next.pingToken]).toEqual([step.challenge, step.correlation, step.pingToken])
    expect((next.pollAt ?? 0) > bench.context.runtime.now()).toEqual(true)
    expect(bench.tokenRequests()).toEqual(1)
  },

  'an approval on another device is a credential that shows no token, and is one only once': async (bench, expect) => {
    if (bench.decide === undefined) return
    const step = await begun(bench)
    await bench.decide(step.challenge, 'approve')
    const end = await polled(bench, step)
    if (end?.status !== 'granted') throw new Error(`expected a credential, but it is ${JSON.stringify(end)}`)
    const { credential } = end
    expect(credential.scopes).toEqual([...new Set(credential.scopes)].toSorted())
    expectNone(expect, JSON.stringify(end), [...bench.secrets, ...tokensOf(credential)])
    expect((await outcomeOf(polled(bench, step))).isGranted).toEqual(false)
  },

  'a no on another device is a refusal': async (bench, expect) => {
    if (bench.decide === undefined) return
    const step = await begun(bench)
    await bench.decide(step.challenge, 'deny')
    expect(await polled(bench, step)).toEqual({ status: 'refused', code: 'access_denied' })
  },
}

/** What the person approves on another device. */
export async function approved(bench: ProviderBench, decide: NonNullable<ProviderBench['decide']>): Promise<Credential> {
  const step = await begun(bench)
  await decide(step.challenge, 'approve')
  const end = await polled(bench, step)
  if (end?.status === 'granted') return end.credential
  throw new Error(`expected a credential, but it is ${JSON.stringify(end)}`)
}

async function polled({ provider, requirement, context }: ProviderBench, { state }: Waiting): Promise<AuthStep | undefined> {
  return provider.advance?.(requirement, stored(state), { type: 'tick' }, context)
}

function secretsIn(request: unknown): string[] {
  return typeof request === 'object' && request !== null && 'id' in request && typeof request.id === 'string' ? [request.id] : []
}
