import type { AuthContext, AuthProvider, AuthStep, Challenge } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import type { Credential } from '../auth/credential.ts'
import type { TestApi } from './store-contract-verbs.ts'

/** A provider with its surroundings, new for each behaviour. */
export interface ProviderBench {
  readonly provider: AuthProvider
  readonly context: AuthContext
  /** What the person of `agree` may grant. */
  readonly requirement: AuthRequirement
  /** What must never be shown: client secrets, API keys. */
  readonly secrets: readonly string[]
  /** How many requests have reached the token endpoint; 0 for a provider without one. */
  readonly tokenRequests: () => number
  /** Plays the person who agrees at `authorizationUrl`: where the browser is sent back to. Left out by providers without a browser. */
  readonly agree?: (authorizationUrl: string) => Promise<URL>
  /** Plays the person who is asked on another device, by what they were shown there. Left out by providers that ask in no such way. */
  readonly decide?: (challenge: Challenge, decision: 'approve' | 'deny') => Promise<void>
  readonly close?: () => Promise<void>
}

/** One promise of a provider, as it is kept on a bench. */
export type Behaviour = (bench: ProviderBench, expect: TestApi['expect']) => Promise<void>

/** A step that waits. */
export type Waiting = Extract<AuthStep, { status: 'waiting' }>

/** What a store gives back of it. */
export function stored<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

/** The wait that a provider begins with. */
export async function begun({ provider, requirement, context }: ProviderBench): Promise<Waiting> {
  const step = await provider.begin(requirement, context)
  if (step.status === 'waiting') return step
  throw new Error(`expected to wait for a person, but it is ${step.status}`)
}

/** How a step ended, and every word of it that anybody might print. */
export async function outcomeOf(work: Promise<unknown> | undefined): Promise<{ isGranted: boolean; text: string; error?: unknown }> {
  try {
    const step = await work
    const isGranted = typeof step === 'object' && step !== null && 'status' in step && step.status === 'granted'
    return { isGranted, text: JSON.stringify(step) ?? '' }
  } catch (error) {
    return { isGranted: false, text: wordsOf(error), error }
  }
}

/** Message, details and the same of every cause. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return [error.message, JSON.stringify(error), error.cause === undefined ? '' : wordsOf(error.cause)].join('\n')
}

/** All that a credential can open doors with. */
export function tokensOf({ accessToken, refreshToken }: Credential): string[] {
  return [accessToken, refreshToken].flatMap((token) => (token === undefined ? [] : [token.reveal()]))
}

/** Counts only: a failed test should not print what must not be shown. */
export function expectNone(expect: TestApi['expect'], text: string, secrets: readonly string[]): void {
  expect(secrets.filter((secret) => secret !== '' && text.includes(secret)).length).toEqual(0)
}
