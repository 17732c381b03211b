import type { InteractionView, JsonObject, Question } from '@countersign/core'
import type { WaitProgress } from '@countersign/core/protocol'
import { safeJson } from './safe-text.ts'
import { type Screen, styled } from './screen.ts'
import type { Words } from './wrap-words.ts'

const asks = styled('cyan', '?')

/** What has to be known of an open question that is not answered by a prompt alone, on lines that stay. @param address where its browser starts */
export function showQuestion(screen: Screen, { question, again }: InteractionView, address: string | undefined): void {
  if (again !== undefined) screen.say(styled('yellow', '!'), again)
  switch (question.kind) {
    case 'notification':
      return screen.say(styled('cyan', 'i'), question.text)
    case 'oauth_consent':
      screen.say(asks, styled('bold', question.text))
      showScopes(screen, question.consent.scopes)
      if (address !== undefined) screen.say(' ', 'Sign in here: ', styled('cyan', address))
      return
    case 'device_code':
      screen.say(asks, styled('bold', `"${question.device.tool}" needs you to sign in at ${question.device.host}.`))
      showScopes(screen, question.device.scopes)
      screen.say(' ', 'Enter this code at ', styled('cyan', question.device.verificationUri))
      // As big as a terminal is able to, and still to be copied.
      screen.say(' ', '\n    ', styled('bold', question.device.userCode), '\n')
      return
    case 'backchannel':
      screen.say(
        asks,
        styled('bold', `"${question.backchannel.tool}" needs an approval: ${question.backchannel.host} asks on another device.`),
      )
      showScopes(screen, question.backchannel.scopes)
      if (question.backchannel.bindingMessage !== undefined)
        screen.say(
          ' ',
          'It says  ',
          styled('bold', question.backchannel.bindingMessage),
          styled('dim', '  Approve only a request with these words.'),
        )
      return
    case 'binary_choice':
      if (question.approval) showCall(screen, question.approval)
      return
    default:
      return
  }
}

/** On the line that changes: how a wait goes, and what the keys do. @param canAct whether there is a keyboard */
export function waitingLine(
  view: InteractionView,
  { wait, now, canAct }: { wait: WaitProgress | undefined; now: number; canAct: boolean },
): string {
  const { kind } = view.question
  const polled = wait === undefined ? '' : ` · ${pollWords(wait, now)}`
  const left = clock(Math.max(0, (wait?.expiresAt ?? view.expiresAt) - now))
  return `${waitsFor[kind] ?? 'Waiting'} · ${left} left${polled}${canAct ? ` · ${keysOf(kind)}` : ''}`
}

/** How asking the authorization server goes, in words. */
function pollWords({ phase, nextPollAt }: WaitProgress, now: number): string {
  const seconds = Math.ceil((nextPollAt - now) / 1_000)
  const next = seconds > 0 ? `in ${seconds} s` : 'now'
  if (phase === 'slowed_down') return `the server wants to be asked less often: next ${next}`
  return phase === 'unreachable' ? `the server did not answer: again ${next}` : `asked again ${next}`
}

const waitsFor: Readonly<Partial<Record<Question['kind'], string>>> = {
  oauth_consent: 'Waiting for the browser',
  device_code: 'Waiting for the code',
  backchannel: 'Waiting for the other device',
}

function keysOf(kind: Question['kind']): string {
  const keys = { oauth_consent: 'o opens it again', device_code: 'o opens the page · r new code', backchannel: 'r sends it again' }
  return kind in keys ? `${keys[kind as keyof typeof keys]} · c cancels` : 'c cancels'
}

/** What is approved, whole: the tool and each argument, with nothing hidden in it. */
function showCall(screen: Screen, { tool, arguments: input, risk }: { tool: string; arguments: JsonObject; risk?: string }): void {
  screen.say(asks, styled('bold', tool), ' wants to run', ...(risk === undefined ? [] : [styled('yellow', ` (${risk} risk)`)]))
  for (const [name, value] of Object.entries(input)) screen.say(' ', styled('dim', `${safeJson(name).slice(1, -1)}: `), safeJson(value))
}

function showScopes(screen: Screen, scopes: readonly string[]): void {
  if (scopes.length > 0) screen.say(' ', styled('dim', `It will be allowed: ${scopes.join(', ')}`))
}

/** Minutes and seconds. */
function clock(ms: number): string {
  const seconds = Math.ceil(ms / 1_000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** Words in the mark of how something ended. */
export function endMark(isGood: boolean): Words {
  return isGood ? styled('green', '✓') : styled('red', '✗')
}
