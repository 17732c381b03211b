import type { WaitProgress } from '@countersign/core/protocol'

/** How a wait goes, in a sentence that stays the same while it goes so. */
export function waitSentence(phase: WaitProgress['phase'], { subject, host }: { readonly subject: string; readonly host: string }): string {
  switch (phase) {
    case 'waiting':
      return `Waiting for ${subject}.`
    case 'slowed_down':
      return `Waiting for ${subject}. ${host} wants to be asked less often, so it may take a little longer until it shows here.`
    case 'unreachable':
      return `${host} cannot be reached just now.`
  }
}

/** When an authorization server that did not answer is tried next; a line of its own, since it changes every second. */
export function retryWords({ phase, nextPollAt }: WaitProgress, now: number): string | null {
  if (phase !== 'unreachable') return null
  const seconds = Math.ceil((nextPollAt - now) / 1000)
  return seconds > 0 ? `It is tried again in ${seconds} s.` : 'Trying again…'
}
