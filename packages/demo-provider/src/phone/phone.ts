import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DemoAccounts } from '../demo-accounts.ts'
import { errorPage, STALE_FORM } from '../error-page.ts'
import { sendPage } from '../page.ts'
import type { PersonSession, PersonSessions } from '../person-sessions.ts'
import { personSignInPage } from '../person-sign-in.ts'
import { readForm } from '../read-form.ts'
import { askedScopes } from '../scope-words.ts'
import { decideRequest } from './decide-request.ts'
import type { DecideDeps, PhoneDecision } from './decide-request.ts'
import { phonePage, STATE_WORDS } from './phone-page.ts'
import type { Taking } from './phone-requests.ts'
import { streamChanges } from './phone-stream.ts'

/** What the phone works with. */
export interface PhoneDeps extends DecideDeps {
  readonly accounts: DemoAccounts
  readonly sessions: PersonSessions
}

/** Shows whoever is signed in on the phone their own requests, and nobody else's. */
export function answerPhone(deps: PhoneDeps, request: IncomingMessage, response: ServerResponse): void {
  const session = deps.sessions.of(request)
  const person = session && deps.accounts.find(session.accountId)
  if (session === undefined || person === undefined) return sendPage(response, signInPage(deps, false))
  const { requests, resources, runtime } = deps
  const view = {
    personName: person.name,
    formToken: session.formToken,
    requests: requests.of(session.accountId),
    now: runtime.now(),
    wordsOf: (asked: { readonly scopes: readonly string[]; readonly resources: readonly string[] }) =>
      askedScopes(asked.scopes, resources, asked.resources),
  }
  sendPage(response, phonePage(view))
}

/** Signs somebody in on the phone. */
export async function answerPhoneSignIn(deps: PhoneDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = await readForm(request)
  if (form === undefined) return sendPage(response, errorPage(STALE_FORM))
  const account = deps.accounts.signIn(form.get('login') ?? '')
  if (account === undefined) return sendPage(response, signInPage(deps, true))
  deps.sessions.begin(request, response, account.sub)
  deps.log(`signed in on the phone: "${account.sub}"`)
  response.writeHead(303, { location: '/phone' }).end()
}

/** Ends the session of the phone. */
export async function answerPhoneSignOut(deps: PhoneDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { form } = await ownForm(deps, request)
  if (form === undefined) return sendPage(response, errorPage(STALE_FORM))
  deps.sessions.end(request, response)
  response.writeHead(303, { location: '/phone' }).end()
}

/** Takes a decision, which counts once and only from the person who was asked. */
export async function answerDecision(deps: PhoneDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { form, session } = await ownForm(deps, request)
  if (form === undefined || session === undefined) return sendPage(response, errorPage(STALE_FORM))
  const decision = decisionOf(form)
  if (decision === undefined) return sendPage(response, errorPage(NO_DECISION))
  const taking = await decideRequest(deps, { id: form.get('request') ?? '', accountId: session.accountId, decision })
  if (taking.result !== 'taken') return sendPage(response, errorPage(refusalOf(taking)))
  response.writeHead(303, { location: '/phone' }).end()
}

/** Tells the page of changes. */
export function answerEvents(deps: PhoneDeps, request: IncomingMessage, response: ServerResponse): void {
  const session = deps.sessions.of(request)
  if (session === undefined) response.writeHead(401).end()
  else streamChanges(deps.requests, session.accountId, response)
}

/** The form together with the session it belongs to; nothing when it was not made for this session. */
async function ownForm(
  { sessions }: PhoneDeps,
  request: IncomingMessage,
): Promise<{ readonly form?: URLSearchParams; readonly session?: PersonSession }> {
  const session = sessions.of(request)
  const form = await readForm(request)
  return session !== undefined && form?.get('token') === session.formToken ? { form, session } : {}
}

/** Only the two words count, and an approval names what it leaves in. */
function decisionOf(form: URLSearchParams): PhoneDecision | undefined {
  switch (form.get('decision')) {
    case 'approve':
      return { type: 'approve', scopes: form.getAll('scope') }
    case 'deny':
      return { type: 'deny' }
    default:
      return undefined
  }
}

function refusalOf(taking: Exclude<Taking, { readonly result: 'taken' }>) {
  if (taking.result === 'unknown')
    return { status: 404, title: 'There is no such request', advice: 'It is not yours, or not known any more. Look at your phone again.' }
  const words = STATE_WORDS[taking.state].toLowerCase()
  return { status: 409, title: 'This request is over', advice: `It is already ${words}, so nothing was changed now.` }
}

function signInPage({ accounts }: PhoneDeps, refused: boolean) {
  const why = 'Apps that act for you ask here before they do. Any browser window can be your phone.'
  return personSignInPage({ action: '/phone/sign-in', title: 'Whose phone is this?', why, people: accounts.people, refused })
}

const NO_DECISION = { status: 400, title: 'Nothing was decided', advice: 'Go back to your phone and approve or deny.' }
