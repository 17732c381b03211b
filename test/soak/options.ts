import { parseArgs } from 'node:util'
import type { StoreName } from './store-place.ts'

export const parts = ['kill', 'race', 'refresh', 'cut', 'faults'] as const
export type Part = (typeof parts)[number]

/** What a soak is asked for. */
export interface SoakOptions {
  readonly store: StoreName
  readonly rounds: number
  readonly seed: number
  readonly parts: readonly Part[]
}

export const help = `npm run soak -- [--store sqlite|postgres] [--rounds N] [--only PART] [--seed N]

Tries for a long time to make Countersign lose something, or do something twice.

  --store   sqlite (default): one server process. postgres: two on one database, that
            of DATABASE_URL or one that is started for the soak.
  --rounds  how long (default 300): so many kills, and of the other parts in proportion.
  --only    one part:
    kill      kill -9 at random moments while people talk to the servers; N rounds
    race      questions answered at once through every process by two tabs; N * 5/3
    refresh   50 parallel calls on an expired token, one token request; N / 30 times
    cut       a proxy that cuts sockets, and a transcript as if it had not; N / 3
    faults    each call of a story to its store fails once; every one of them
  --seed    repeats the draws of an earlier soak: who says and answers what, and when somebody
            is killed. What the operating system does in between, nobody can repeat.

The last line is "rounds N, lost 0, doubled 0"; the exit code is 1 unless both are 0.`

/** Reads the command line. @throws TypeError that says what is wrong with it */
export function readOptions(args: readonly string[]): SoakOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      store: { type: 'string', default: 'sqlite' },
      rounds: { type: 'string', default: '300' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      only: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return 'help'
  const { store } = values
  if (store !== 'sqlite' && store !== 'postgres') throw new TypeError(`--store is sqlite or postgres, not "${store}"`)
  const only = parts.find((part) => part === values.only)
  if (values.only !== undefined && only === undefined) throw new TypeError(`--only is one of ${parts.join(', ')}, not "${values.only}"`)
  const rounds = wholeNumber('rounds', values.rounds, 1)
  return { store, rounds, seed: wholeNumber('seed', values.seed, 0), parts: only === undefined ? parts : [only] }
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new TypeError(`--${name} is a whole number from ${least}, not "${text}"`)
}
