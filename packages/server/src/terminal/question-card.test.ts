import type { InteractionView, Question } from '@countersign/core'
import type { WaitProgress } from '@countersign/core/protocol'
import { expect, test } from 'vitest'
import { waitingLine } from './question-card.ts'

const NOW = Date.UTC(2026, 0, 1)
const about = { provider: 'phone', host: 'id.example', scopes: [], tool: 'pay' }
const backchannel: Question = { kind: 'backchannel', text: 'Approve', backchannel: about }
const device: Question = {
  kind: 'device_code',
  text: 'Type the code',
  device: { ...about, userCode: 'ABCD-EFGH', verificationUri: 'https://id.example/device' },
}
const consent: Question = { kind: 'oauth_consent', text: 'Sign in', consent: { ...about, startUrl: 'http://127.0.0.1:1/auth/start' } }

function viewOf(question: Question): InteractionView {
  return { id: 'i', runId: 'r', callId: 'c', question, state: 'pending', createdAt: NOW, expiresAt: NOW + 300_000 }
}

/** A wait that is looked after again in two seconds and ends in one minute, but for what is said otherwise. */
function waitOf(otherwise: Partial<WaitProgress> = {}): WaitProgress {
  return { phase: 'waiting', nextPollAt: NOW + 2_000, expiresAt: NOW + 60_000, ...otherwise }
}

test.each<readonly [string, WaitProgress | undefined, string]>([
  ['has not been asked about', undefined, 'Waiting for the other device · 5:00 left'],
  ['goes on', waitOf(), 'Waiting for the other device · 1:00 left · asked again in 2 s'],
  ['is about to be asked about', waitOf({ nextPollAt: NOW }), 'Waiting for the other device · 1:00 left · asked again now'],
  ['is overdue', waitOf({ nextPollAt: NOW - 3_000 }), 'Waiting for the other device · 1:00 left · asked again now'],
  [
    'is slowed down',
    waitOf({ phase: 'slowed_down', nextPollAt: NOW + 6_500 }),
    'Waiting for the other device · 1:00 left · the server wants to be asked less often: next in 7 s',
  ],
  [
    'cannot be asked about',
    waitOf({ phase: 'unreachable', nextPollAt: NOW + 10_000 }),
    'Waiting for the other device · 1:00 left · the server did not answer: again in 10 s',
  ],
  ['is nearly over', waitOf({ expiresAt: NOW + 400 }), 'Waiting for the other device · 0:01 left · asked again in 2 s'],
  ['is over', waitOf({ expiresAt: NOW - 5_000 }), 'Waiting for the other device · 0:00 left · asked again in 2 s'],
  ['takes long', waitOf({ expiresAt: NOW + 3_605_000 }), 'Waiting for the other device · 60:05 left · asked again in 2 s'],
])('a wait that %s says so on its line', (_how, wait, line) => {
  expect(waitingLine(viewOf(backchannel), { wait, now: NOW, canAct: false })).toBe(line)
})

test.each([
  [backchannel, 'Waiting for the other device · 5:00 left · r sends it again · c cancels'],
  [device, 'Waiting for the code · 5:00 left · o opens the page · r new code · c cancels'],
  [consent, 'Waiting for the browser · 5:00 left · o opens it again · c cancels'],
])('where somebody can press keys the line of $kind says which', (question, line) => {
  expect(waitingLine(viewOf(question), { wait: undefined, now: NOW, canAct: true })).toBe(line)
})
