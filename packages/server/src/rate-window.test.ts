import { virtualRuntime } from '@countersign/core/testing'
import { expect, test } from 'vitest'
import { RateWindow, type Spending } from './rate-window.ts'

const startAt = Date.UTC(2026, 0, 1)
const windowMs = 10_000

function spend(budget: RateWindow, times: number, session = 'ada'): readonly Spending[] {
  return Array.from({ length: times }, () => budget.spend(session))
}

test('what is taken has a limit, then as many are refused, and then it is a flood; each key has its own', () => {
  const budget = new RateWindow(virtualRuntime({ startAt }), { limit: 3, windowMs })
  expect(spend(budget, 8)).toEqual(['within', 'within', 'within', 'over', 'over', 'over', 'flood', 'flood'])
  expect(spend(budget, 4, 'bob')).toEqual(['within', 'within', 'within', 'over'])
})

test('what was taken is forgotten as it grows old, so that a pause gives back as much as it lasted', async () => {
  const runtime = virtualRuntime({ startAt })
  const budget = new RateWindow(runtime, { limit: 10, windowMs })
  await runtime.advance(9_999)
  expect(spend(budget, 10)).not.toContain('over')
  await runtime.advance(1)
  expect(budget.spend('ada')).toBe('over')
  await runtime.advance(5_000)
  expect(spend(budget, 6)).toEqual(['within', 'within', 'within', 'within', 'within', 'over'])
  await runtime.advance(20_000)
  expect(spend(budget, 10)).not.toContain('over')
})

test('a flood gets through what anybody would, and is forgiven once it is over', async () => {
  const runtime = virtualRuntime({ startAt })
  const budget = new RateWindow(runtime, { limit: 4, windowMs })
  const spent: Spending[] = []
  for (let second = 0; second < 60; second += 1) {
    spent.push(...spend(budget, 10))
    await runtime.advance(1_000)
  }
  expect(spent.filter((spending) => spending === 'within').length).toBeLessThanOrEqual(4 * 6)
  expect(spent.filter((spending) => spending === 'flood').length).toBeGreaterThan(500)
  await runtime.advance(20_000)
  expect(budget.spend('ada')).toBe('within')
})
