import type { RunEvent } from '@countersign/core'
import { brokenInvariants } from '@countersign/core/testing'
import type { Ending } from './ending.ts'
import { type StoryName, TOKENS } from './story.ts'

/** What is wrong with how a story ended after its process was killed somewhere; nothing when it ended as it must. */
export function wrongEnds(story: StoryName, ending: Ending, deeds: readonly string[]): readonly string[] {
  const effects = deeds.filter((deed) => /^(slow|pay|who_am_i) /.test(deed))
  const wrong = [...brokenInvariants({ ...ending, effects }, { crashAt: { transaction: 0, after: false }, deny: false })]
  const must = (holds: boolean, sentence: string): void => void (holds || wrong.push(sentence))
  const { runs, events, interactions } = ending
  must(runs.length === 1 && runs[0]?.state === 'done', `the message led to runs that are ${runs.map(({ state }) => state).join()}`)
  must(events.filter(({ type }) => type === 'run-start').length === 1, 'the message was taken twice')
  must(
    interactions.every(({ state }) => state !== 'pending'),
    'a question is still open',
  )
  must(ending.errors.length === 0, `errors were logged: ${ending.errors.join('; ')}`)
  wrong.push(...wrongCalls(ending, effects), ...wrongReplies(events))
  if (story === 'idempotent') wrong.push(...wrongEntries(ending, deeds))
  if (story === 'sign-in') wrong.push(...wrongSignIns(ending, deeds))
  if (story === 'phone') wrong.push(...wrongRings(ending, deeds))
  return wrong
}

/** A call took effect, unless the person was asked "may have run", or "may have rung", and left it; or its token was lost on the way, which is said. */
function wrongCalls({ messages, interactions, events, authorizations }: Ending, effects: readonly string[]): readonly string[] {
  const calls = messages.flatMap(({ message }) => (message.role === 'assistant' ? message.calls : []))
  return calls.flatMap(({ id, tool }) => {
    const isLeft = interactions.some(
      ({ callId, place, response }) => callId === id && /^(?:rerun|resend):/.test(place) && response?.action === 'accept',
    )
    const isLost = authorizations.some(({ callId, failureCode }) => callId === id && failureCode === 'invalid_grant')
    const end = events.find((event) => event.type === 'tool-end' && event.callId === id)
    const status = end?.type === 'tool-end' ? end.status : 'missing'
    if (isLeft || isLost) return status === 'failed' ? [] : [`"${tool}" was left as it was, and its result is ${status}`]
    const didIt = effects.includes(`${tool} ${id}`)
    return didIt && status === 'ok' ? [] : [`"${tool}" was ${didIt ? '' : 'not '}done, and its result is ${status}`]
  })
}

/** Each attempt at a reply is newer than those before it, carries its own deltas, and the last one alone ends. */
function wrongReplies(events: readonly RunEvent[]): readonly string[] {
  const wrong: string[] = []
  const turns = new Map<number, { attempt: number; text: string }>()
  for (const event of events) {
    if (event.type !== 'reply-start' && event.type !== 'token-delta' && event.type !== 'reply-end') continue
    const { turn, attempt } = event
    const open = turns.get(turn)
    if (event.type === 'reply-start') {
      if (open && attempt <= open.attempt) wrong.push(`attempt ${attempt} of reply ${turn} follows attempt ${open.attempt}`)
      turns.set(turn, { attempt, text: '' })
      continue
    }
    if (open?.attempt !== attempt) wrong.push(`a ${event.type} of attempt ${attempt} of reply ${turn} stands in attempt ${open?.attempt}`)
    if (event.type === 'token-delta') turns.set(turn, { attempt, text: (open?.text ?? '') + event.text })
    else if (!event.text.startsWith(open?.text ?? '')) wrong.push(`reply ${turn} ends otherwise than it was streamed`)
  }
  const texts = events.flatMap((event) => (event.type === 'reply-end' ? [event.text] : []))
  if (texts.join('|') !== `${TOKENS.first.join('')}|${TOKENS.last.join('')}`) wrong.push(`the replies are ${texts.join('|')}`)
  return wrong
}

/** Entered again under the same key, without asking anybody. */
function wrongEntries({ interactions }: Ending, deeds: readonly string[]): readonly string[] {
  const entries = deeds.filter((deed) => deed.startsWith('enter ')).map((deed) => deed.split(' '))
  const keys = new Map<string | undefined, string | undefined>()
  const wrong = interactions.filter(({ place }) => place !== 'approval').map(({ place }) => `somebody was asked at ${place}`)
  for (const [, , call, key] of entries) {
    if ((keys.get(call) ?? key) !== key) wrong.push(`call ${call} was entered under two keys`)
    keys.set(call, key)
  }
  return wrong
}

/** A code is sent once. A sign-in of unknown outcome is asked again with the reason, and the last one is granted. */
function wrongSignIns({ authorizations, interactions }: Ending, deeds: readonly string[]): readonly string[] {
  const wrong: string[] = []
  const codes = deeds.filter((deed) => deed.startsWith('code '))
  if (new Set(codes).size !== codes.length) wrong.push(`a code was sent twice: ${codes.join()}`)
  const last = authorizations.at(-1)
  if (last?.state !== 'granted') wrong.push(`the last sign-in is ${last?.state}`)
  if (authorizations.length > 2) wrong.push(`${authorizations.length} sign-ins were begun`)
  for (const { failureCode, id } of authorizations.slice(0, -1)) {
    const again = interactions.find(({ place }) => place === `auth:${last?.id}`)?.again
    if (failureCode !== 'outcome_unknown') wrong.push(`sign-in ${id} was given up: ${failureCode}`)
    if (!again?.includes('interrupted')) wrong.push(`it was asked again without the reason: ${again}`)
  }
  if (codes.length > authorizations.length) wrong.push(`${codes.length} codes were sent for ${authorizations.length} sign-ins`)
  return wrong
}

/** A phone rings once, and is not rung again unless somebody says so, who leaves it here; its token is given out once. */
function wrongRings({ authorizations }: Ending, deeds: readonly string[]): readonly string[] {
  const wrong: string[] = []
  const rings = deeds.filter((deed) => deed.startsWith('ring '))
  if (rings.length > 1) wrong.push(`it rang ${rings.length} times`)
  const tokens = deeds.filter((deed) => deed.startsWith('token '))
  if (tokens.length > 1) wrong.push(`${tokens.length} tokens were given out`)
  const ends = authorizations.map(({ state, failureCode }) => failureCode ?? state)
  if (ends.some((end) => !['granted', 'cancelled', 'invalid_grant'].includes(end))) wrong.push(`the requests ended as ${ends.join()}`)
  return wrong
}
