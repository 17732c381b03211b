import { expect, test } from 'vitest'
import { Bus } from './bus.ts'
import { Effects } from './effects.ts'
import type { EventRow } from './rows.ts'

function row(seq: number): EventRow {
  return { conversationId: 'c', seq, at: 0, event: { type: 'run-end', runId: 'r', state: 'done' } }
}

function told(notify: (effects: Effects) => void): readonly unknown[] {
  const bus = new Bus()
  const seen: unknown[] = []
  bus.subscribe('conversation', (id, appended) => seen.push([id, appended?.map(({ seq }) => seq)]))
  const effects = new Effects()
  notify(effects)
  effects.run(bus)
  return seen
}

test('what one unit appended in several steps is told once, in order', () => {
  const seen = told((effects) => {
    effects.notify('conversation', 'c', [row(1)])
    effects.notify('conversation', 'c', [row(2), row(3)])
  })
  expect(seen).toEqual([['c', [1, 2, 3]]])
})

test('what is not wholly known is not told: listeners read it', () => {
  const seen = told((effects) => {
    effects.notify('conversation', 'c', [row(1)])
    effects.notify('conversation', 'c')
    effects.notify('conversation', 'c', [row(3)])
  })
  expect(seen).toEqual([['c', undefined]])
})
