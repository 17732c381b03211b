import type { InteractionState, RunEnd } from '@countersign/core'

/** With what the command ends; scripts go by it. */
export const exitCodes = {
  answered: 0,
  failed: 1,
  wrongUse: 2,
  declined: 3,
  expired: 4,
  nobody: 5,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Why a run was stopped from here. */
export type Stop = 'interrupted' | 'terminated' | 'expired'

/** What one message came to. */
export interface TurnEnd {
  readonly state: RunEnd
  /** Why it was stopped from here, if it was. */
  readonly stop: Stop | undefined
  /** How the last question of each of its calls ended. */
  readonly questions: readonly Exclude<InteractionState, 'pending'>[]
  /** Whether somebody was needed who is not there. */
  readonly neededSomebody: boolean
}

/** An answer alone is not all: whoever runs a script has to know that a person said no, or nothing. */
export function exitCodeOf({ state, stop, questions, neededSomebody }: TurnEnd): ExitCode {
  if (stop !== undefined) return exitCodes[stop]
  if (state === 'cancelled') return exitCodes.interrupted
  if (state === 'failed') return exitCodes.failed
  if (neededSomebody) return exitCodes.nobody
  if (questions.some((ended) => ended === 'declined' || ended === 'cancelled')) return exitCodes.declined
  if (questions.includes('expired')) return exitCodes.expired
  return questions.includes('failed') ? exitCodes.failed : exitCodes.answered
}
