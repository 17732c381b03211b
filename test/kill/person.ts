import type { AnswerOutcome, Consents, InteractionView, Rows, Runs, Store, Visitor } from '@countersign/core'
import type { AuthorizationServer } from './authorization-server.ts'
import type { Browser } from './browser.ts'
import { CONVERSATION } from './story.ts'

export const ada: Visitor = { principal: { id: 'anonymous:ada', kind: 'anonymous', roles: [] }, sessionId: 's1' }

/** Whom a person talks to, and with what. */
export interface PersonParts {
  /** Seen directly: what a browser reads is no point of the story. */
  readonly store: Store
  readonly runs: Runs
  readonly consents: Consents
  readonly server: AuthorizationServer
  readonly browser: Browser
  /** Whether to answer only once the run waits. */
  readonly isSlowToAnswer: boolean
}

/**
 * A patient person: sends the message until it is taken, approves, leaves what may have run, signs in as often as asked, reloads a page that
 * did not answer. @returns what became of the answers, once the run has ended
 */
export async function livePatiently(parts: PersonParts): Promise<readonly AnswerOutcome[]> {
  const { store, runs, browser } = parts
  const answers: AnswerOutcome[] = []
  await runs.start({ workflow: 'test', conversationId: CONVERSATION, messageId: 'm1', text: 'Go on.', visitor: ada })
  if (browser.callback) await comeBack(parts, browser.callback)
  while (true) {
    const changed = nextChange(store)
    const { run, questions } = await look(store)
    if (!run || run.state === 'done' || run.state === 'failed' || run.state === 'cancelled') return answers
    if (!parts.isSlowToAnswer || run.state === 'waiting') for (const question of questions) answers.push(...(await answer(parts, question)))
    await changed
  }
}

async function answer(parts: PersonParts, { id, question, place }: Asked): Promise<readonly AnswerOutcome[]> {
  if (question.kind === 'oauth_consent') return signIn(parts, id)
  // Nothing to do here; the server is asked once more.
  if (question.kind === 'backchannel') return (await parts.runs.tick(), [])
  const value = place === 'approval' ? 'approve' : 'leave'
  return [await parts.runs.answer(id, { action: 'accept', answer: value }, ada)]
}

async function signIn(parts: PersonParts, id: string): Promise<readonly AnswerOutcome[]> {
  const { consents, server, browser } = parts
  const opened = await consents.open(id, [ada], browser.flows[id])
  // It is being exchanged, or has just ended: the next change tells.
  if (opened.outcome === 'ended') return []
  if (opened.outcome !== 'redirect') throw new Error(`the sign-in cannot be opened: ${opened.outcome}`)
  browser.keepFlow(id, opened.flow)
  await comeBack(parts, server.authorize(opened.url))
  return []
}

async function comeBack({ consents, browser }: PersonParts, callback: URL): Promise<void> {
  browser.goTo(callback)
  await consents.finish(callback, Object.values(browser.flows), [ada])
  browser.goTo(undefined)
}

type Asked = Pick<Rows['interactions'], 'id' | 'place'> & Pick<InteractionView, 'question'>

async function look(store: Store): Promise<{ run: Rows['runs'] | undefined; questions: readonly Asked[] }> {
  return store.transact('look', async (transaction) => ({
    run: await transaction.get('runs', { conversationId: CONVERSATION, messageId: 'm1' }),
    questions: await transaction.find('interactions', { conversationId: CONVERSATION, state: 'pending' }),
  }))
}

/** Resolves when the conversation grows. */
function nextChange(store: Store): Promise<void> {
  return new Promise((resolve) => {
    const stop = store.subscribe('conversation', () => {
      stop()
      resolve()
    })
  })
}
