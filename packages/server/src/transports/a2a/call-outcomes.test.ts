import type { CallStatus } from '@countersign/core'
import { expect, test } from 'vitest'
import { type CallOutcome, shortfallOf } from './call-outcomes.ts'

const ok = (tool: string): CallOutcome => ({ tool, status: 'ok', output: { error: 'access_denied', message: 'the words of a tool' } })
const not = (tool: string, status: CallStatus, error: string): CallOutcome => ({ tool, status, output: { error, message: `${error}!` } })

test.each<readonly [string, readonly CallOutcome[], string | undefined]>([
  ['no calls', [], undefined],
  ['a result, whatever it says', [ok('pay')], undefined],
  ['a no', [not('pay', 'refused', 'access_denied')], 'rejected: access_denied'],
  ['a rule', [not('pay', 'refused', 'policy_denied')], 'rejected: policy_denied'],
  ['a no that another tool could not make good', [not('pay', 'refused', 'access_denied'), ok('look')], 'rejected: access_denied'],
  ['a no that was followed by a yes', [not('pay', 'refused', 'access_denied'), ok('pay')], undefined],
  ['a yes that was followed by a no', [ok('pay'), not('pay', 'refused', 'access_denied')], 'rejected: access_denied'],
  ['silence', [not('ring', 'refused', 'expired'), ok('look')], 'failed: expired'],
  ['a no beside silence', [not('ring', 'refused', 'expired'), not('pay', 'refused', 'access_denied')], 'rejected: access_denied'],
  ['nobody there who could say yes', [not('ring', 'failed', 'access_denied')], 'failed: access_denied'],
  ['a tool that failed at the end', [ok('look'), not('read', 'failed', 'upstream_failed')], 'failed: upstream_failed'],
  ['a tool that failed before another did not', [not('read', 'failed', 'upstream_failed'), ok('look')], undefined],
  ['a slip of the model that it mended', [not('raed', 'refused', 'unknown_tool'), ok('read')], undefined],
  ['a slip of the model that it did not mend', [not('raed', 'refused', 'unknown_tool')], 'failed: unknown_tool'],
  ['a refusal of another form', [{ tool: 'read', status: 'failed', output: 'broken' }], 'failed: tool_failed'],
])('%s', (_name, outcomes, expected) => {
  const verdict = shortfallOf(outcomes)
  expect(verdict && `${verdict.state}: ${verdict.code}`).toBe(expected)
})
