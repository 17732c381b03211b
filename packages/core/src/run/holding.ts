import type { Journal } from '../store/journal.ts'
import { type RunUnit, endRun } from './end-run.ts'
import type { Work } from './proceed.ts'
import type { RunDeps } from './run-deps.ts'
import type { Workflow } from './workflow.ts'

/** How a holding ended: the run's end, a wait, or the loss of the run to another holder. */
export type Held = 'done' | 'failed' | 'cancelled' | 'waiting' | 'not_mine'

/** What a piece of work may write: a fact, after which the fold goes on in the same unit. */
export type Record = (unit: RunUnit) => Promise<void>

/** What the holder lets its work do. */
export interface Holding {
  readonly deps: RunDeps
  readonly workflow: Workflow
  readonly journal: Journal
  /** Aborts when the run is cancelled or lost. */
  readonly signal: AbortSignal
  /** Commits the end of a piece of work, and whatever follows from it. */
  finish(work: Work, name: string, record: Record): Promise<void>
  /** Commits a reply and the number of its turn, and whatever follows from it. */
  finishTurn(turn: number, record: Record): Promise<void>
  /** Commits something on the way; nothing follows from it. */
  note(name: string, record: Record): Promise<void>
}

/** Fails the run with a sentence for the person. */
export function failRun(unit: RunUnit, sentence: string): Promise<void> {
  return endRun(unit, { state: 'failed', sentence })
}
