import type { Credential } from '../auth/credential.ts'
import { isCountersignError } from '../errors.ts'
import type { JsonObject } from '../protocol/json.ts'
import { type Behaviour, begun, expectNone, outcomeOf, type ProviderBench, stored, tokensOf, type Waiting } from './provider-bench.ts'
import { approved, polls } from './provider-contract-polls.ts'
import type { TestApi } from './store-contract-verbs.ts'

/**
 * What every auth provider keeps to.
 * @param make a bench of its own for each behaviour
 */
export function providerContract(name: string, make: () => Promise<ProviderBench>, { describe, test, expect }: TestApi): void {
  describe(`${name} keeps the contract of auth providers`, () => {
    for (const [sentence, behaviour] of Object.entries({ ...behaviours, ...polls })) {
      test(sentence, async () => {
        const bench = await make()
        try {
          await behaviour(bench, expect)
        } finally {
          await bench.close?.()
        }
      })
    }
  })
}

const behaviours: Readonly<Record<string, Behaviour>> = {
  'it says who it is, and where it leads': async ({ provider }, expect) => {
    expect(provider.type === '' || provider.host === '').toEqual(false)
    expect(['call', 'run', 'conversation', 'principal', 'service'].includes(provider.reuse)).toEqual(true)
  },

  'scopes are sorted, unique and contain what is required, in whatever order that is said': async ({ provider, requirement }, expect) => {
    const required = ['zebra', 'apple', 'zebra']
    const scopes = provider.scopesOf({ ...requirement, scopes: required })
    expect(scopes).toEqual([...new Set(scopes)].toSorted())
    expect(required.filter((scope) => !scopes.includes(scope))).toEqual([])
    expect(provider.scopesOf({ ...requirement, scopes: required.toReversed() })).toEqual(scopes)
  },

  'it begins with one of the three steps, and what waits is plain data without secrets': async (bench, expect) => {
    const step = await bench.provider.begin(bench.requirement, bench.context)
    expect(['granted', 'waiting', 'refused'].includes(step.status)).toEqual(true)
    if (step.status !== 'waiting') return
    expect(stored(step)).toEqual(step)
    expectNone(expect, JSON.stringify(step), bench.secrets)
  },

  'a question that needs a browser costs the server nothing until the browser comes': async (bench, expect) => {
    if (bench.agree === undefined) return
    const step = await begun(bench)
    expect(step.challenge.kind).toEqual('oauth_consent')
    expect('authorizationUrl' in step.challenge).toEqual(false)
    expect(bench.tokenRequests()).toEqual(0)
  },

  'an opened wait is plain data, is found by its correlation, and keeps its secrets out of the address': async (bench, expect) => {
    if (bench.agree === undefined) return
    const { step, address } = await opened(bench)
    expect(stored(step)).toEqual(step)
    expect(new URL(address).searchParams.get('state')).toEqual(step.correlation)
    const hidden = Object.entries(step.state).flatMap(([key, value]) => (key === 'verifier' && typeof value === 'string' ? [value] : []))
    expectNone(expect, JSON.stringify(step.challenge), [...bench.secrets, ...hidden])
  },

  'each opening is a fresh one': async (bench, expect) => {
    if (bench.agree === undefined) return
    const [first, second] = [await opened(bench), await opened(bench)]
    expect(second.step.correlation === first.step.correlation).toEqual(false)
    expect(JSON.stringify(second.step.state) === JSON.stringify(first.step.state)).toEqual(false)
  },

  'a stored wait continues to a credential that shows no token': async (bench, expect) => {
    if (bench.agree === undefined) return
    const credential = await granted(bench, bench.agree)
    expect(bench.tokenRequests()).toEqual(1)
    expect(credential.tokenType).toEqual('bearer')
    expect(credential.scopes).toEqual([...new Set(credential.scopes)].toSorted())
    expectNone(expect, JSON.stringify(credential), tokensOf(credential))
  },

  'a return with a foreign state grants nothing and asks for no token': async (bench, expect) => {
    if (bench.agree === undefined) return
    const { step, address } = await opened(bench)
    const callback = await bench.agree(address)
    const code = callback.searchParams.get('code') ?? ''
    callback.searchParams.set('state', 'of-somebody-else')
    const outcome = await outcomeOf(
      bench.provider.advance?.(bench.requirement, stored(step).state, { type: 'redirect', url: callback }, bench.context),
    )
    expect(outcome.isGranted).toEqual(false)
    expect(bench.tokenRequests()).toEqual(0)
    expectNone(expect, outcome.text, [...bench.secrets, ...stringsOf(step.state, ['state', 'verifier', 'nonce']), code, 'of-somebody-else'])
  },

  'a tick leaves a browser question as it is': async (bench, expect) => {
    if (bench.agree === undefined) return
    const { step } = await opened(bench)
    const next = await bench.provider.advance?.(bench.requirement, stored(step).state, { type: 'tick' }, bench.context)
    expect(next?.status === 'waiting' && [next.state, next.correlation]).toEqual([step.state, step.correlation])
    expect(bench.tokenRequests()).toEqual(0)
  },

  'a renewed credential keeps a refresh token and loses no scope': async (bench, expect) => {
    const credential = await obtained(bench)
    if (bench.provider.refresh === undefined || credential?.refreshToken === undefined) return
    const renewed = await bench.provider.refresh(credential, bench.context)
    expect(renewed.refreshToken === undefined).toEqual(false)
    expect(renewed.accessToken.reveal() === credential.accessToken.reveal()).toEqual(false)
    expect(renewed.scopes).toEqual(credential.scopes)
    expect(renewed.subject).toEqual(credential.subject)
    expectNone(expect, JSON.stringify(renewed), [...tokensOf(credential), ...tokensOf(renewed)])
  },

  'an abort ends a step at once, as cancelled': async (bench, expect) => {
    const credential = await obtained(bench)
    if (bench.provider.refresh === undefined || credential?.refreshToken === undefined) return
    const before = bench.tokenRequests()
    const outcome = await outcomeOf(bench.provider.refresh(credential, { ...bench.context, signal: AbortSignal.abort() }))
    expect(isCountersignError(outcome.error, 'cancelled')).toEqual(true)
    expect(bench.tokenRequests()).toEqual(before)
  },

  'what was revoked cannot be renewed': async (bench, expect) => {
    const credential = await obtained(bench)
    if (bench.provider.refresh === undefined || bench.provider.revoke === undefined || credential?.refreshToken === undefined) return
    await bench.provider.revoke(credential, bench.context)
    const outcome = await outcomeOf(bench.provider.refresh(credential, bench.context))
    expect(isCountersignError(outcome.error, 'invalid_grant')).toEqual(true)
    expectNone(expect, outcome.text, [...bench.secrets, ...tokensOf(credential)])
  },
}

async function opened(bench: ProviderBench): Promise<{ readonly step: Waiting; readonly address: string }> {
  const { state } = stored(await begun(bench))
  const step = await bench.provider.advance?.(bench.requirement, state, { type: 'open' }, bench.context)
  const challenge = step?.status === 'waiting' ? step.challenge : undefined
  if (step?.status !== 'waiting' || challenge?.kind !== 'oauth_consent' || challenge.authorizationUrl === undefined) {
    throw new Error('expected an authorization address')
  }
  return { step, address: challenge.authorizationUrl }
}

/** What the person of the bench consents to; nothing where no person is asked. */
async function obtained(bench: ProviderBench): Promise<Credential | undefined> {
  if (bench.agree !== undefined) return granted(bench, bench.agree)
  return bench.decide && approved(bench, bench.decide)
}

async function granted(bench: ProviderBench, agree: NonNullable<ProviderBench['agree']>): Promise<Credential> {
  const { step, address } = await opened(bench)
  const end = await bench.provider.advance?.(
    bench.requirement,
    stored(step).state,
    { type: 'redirect', url: await agree(address) },
    bench.context,
  )
  if (end?.status === 'granted') return end.credential
  throw new Error(`expected a credential, but it is ${JSON.stringify(end)}`)
}

function stringsOf(state: JsonObject, keys: readonly string[]): string[] {
  return keys.flatMap((key) => (typeof state[key] === 'string' ? [state[key]] : []))
}
