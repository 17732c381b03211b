import { Chance } from './chance.ts'
import { cutSockets } from './cut-sockets.ts'
import { playFaultRounds } from './fault-rounds.ts'
import type { Findings } from './findings.ts'
import { playKillRounds } from './kill-rounds.ts'
import type { Part } from './options.ts'
import type { Watch } from './progress.ts'
import { playRaces } from './races.ts'
import { playRefreshes, TokenGate } from './refreshes.ts'
import { openStand } from './stand.ts'
import { openSpareStore, type StorePlace } from './store-place.ts'

/** With what a part is played. */
export interface PartSetting {
  /** Of the whole soak; the parts have their share. */
  readonly rounds: number
  readonly seed: number
  readonly program: string
  readonly place: StorePlace
  readonly findings: Findings
  readonly watch: Watch
  /** Whether of what has a fixed length only a part is played, too; default: all of it. */
  readonly isShort?: boolean
}

/** The longest that a deed outside takes, milliseconds. */
const SLOWEST_DEED_MS = 60

/** Of the points at which a store fails, each so-manieth is tried when time is short: no divisor of how many calls a step makes. */
const SHORT_EVERY = 7

/** Plays one part on a stand of its own. @returns what was played, in words */
export function playPart(part: Part, setting: PartSetting): Promise<string> {
  return players[part](setting)
}

const players: Readonly<Record<Part, (setting: PartSetting) => Promise<string>>> = {
  async kill({ rounds, seed, program, place, findings, watch }) {
    const chance = new Chance(seed)
    const deeds = chance.branch()
    const stand = await openStand({ program, place, answerAfterMs: () => deeds.below(SLOWEST_DEED_MS) })
    try {
      const tally = await playKillRounds({ stand, rounds, chance, findings, progress: watch.follow('kill', rounds) })
      return `${rounds} rounds, ${Object.entries(tally)
        .map(([what, count]) => `${count} ${what}`)
        .join(', ')}`
    } finally {
      await stand.stop()
    }
  },
  async race({ rounds, seed, program, place, findings, watch }) {
    const count = Math.ceil((rounds * 5) / 3)
    const stand = await openStand({ program, place })
    try {
      await playRaces({ stand, rounds: count, chance: new Chance(seed), findings, progress: watch.follow('race', count) })
      return `${count} questions, 4 answers each`
    } finally {
      await stand.stop()
    }
  },
  async refresh({ rounds, program, place, findings, watch }) {
    const count = Math.ceil(rounds / 30)
    const gate = new TokenGate()
    const stand = await openStand({ program, place, intercept: gate.intercept })
    try {
      await playRefreshes({ stand, rounds: count, findings, progress: watch.follow('refresh', count) }, gate)
      return `${count} times 50 calls`
    } finally {
      await stand.stop()
    }
  },
  async cut({ rounds, seed, place, findings, watch }) {
    const count = Math.ceil(rounds / 3)
    const log = (line: string): void => findings.add(line.includes('doubled: ') ? 'doubled' : 'lost', line)
    watch.say(`  cut: ${count} conversations`)
    const outcome = await cutSockets({ rounds: count, seed, log, ...(place.kind === 'postgres' && { store: place.url }) })
    findings.must(outcome.lost === 0, 'lost', `${outcome.lost} in all`)
    findings.must(outcome.doubled === 0, 'doubled', `${outcome.doubled} in all`)
    return `${count} conversations, ${outcome.cuts} cuts`
  },
  async faults({ place, findings, watch, isShort }) {
    const store = await openSpareStore(place)
    try {
      const points = await playFaultRounds({
        store,
        every: isShort ? SHORT_EVERY : 1,
        findings,
        follow: (of) => watch.follow('faults', of),
      })
      return `${points} calls`
    } finally {
      await store.close()
    }
  },
}
