import { expect, test } from 'vitest'
import { createDatabase } from '../../tools/postgres-cluster.mjs'
import { cutSockets } from './cut-sockets.ts'

test.each([
  ['SQLite', 10, async () => undefined],
  ['PostgreSQL', 5, createDatabase],
] as const)(
  'on %s, whatever line is cut wherever, two tabs show in the end what one on a whole line shows',
  async (_name, rounds, place) => {
    const lines: string[] = []
    const store = await place()
    const { cuts, ...outcome } = await cutSockets({
      rounds,
      seed: 7,
      log: (line) => lines.push(line),
      ...(store !== undefined && { store }),
    })
    expect({ ...outcome, lines }).toEqual({ rounds, lost: 0, doubled: 0, lines: [] })
    expect(cuts).toBeGreaterThan(rounds)
  },
  60_000,
)
