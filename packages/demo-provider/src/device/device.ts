import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DemoAccount, DemoAccounts } from '../demo-accounts.ts'
import { errorPage, STALE_FORM } from '../error-page.ts'
import { sendPage } from '../page.ts'
import type { Page } from '../page.ts'
import type { PersonSession, PersonSessions } from '../person-sessions.ts'
import { personSignInPage } from '../person-sign-in.ts'
import { readForm } from '../read-form.ts'
import type { DeviceCodes } from './device-codes.ts'
import { codePage, confirmPage, decidedPage } from './device-page.ts'

/** What the device page works with. */
export interface DeviceDeps {
  readonly accounts: DemoAccounts
  readonly sessions: PersonSessions
  readonly codes: DeviceCodes
  readonly log: (line: string) => void
}

/** Asks for the code of a device, or, when the link brought it along, whether that device may have what it wants. */
export async function answerDevice(deps: DeviceDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const userCode = new URL(request.url ?? '/', 'http://localhost').searchParams.get('user_code') ?? undefined
  const visitor = visitorOf(deps, request)
  if (visitor === undefined) return sendPage(response, signInPage(deps, { refused: false, userCode }))
  sendPage(response, await pageFor(deps, visitor, userCode))
}

/** Signs somebody in at the device page; the code they came with is kept. */
export async function answerDeviceSignIn(deps: DeviceDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = await readForm(request)
  if (form === undefined) return sendPage(response, errorPage(STALE_FORM))
  const userCode = form.get('user_code') ?? undefined
  const account = deps.accounts.signIn(form.get('login') ?? '')
  if (account === undefined) return sendPage(response, signInPage(deps, { refused: true, userCode }))
  deps.sessions.begin(request, response, account.sub)
  const query = userCode === undefined ? '' : `?${new URLSearchParams({ user_code: userCode }).toString()}`
  response.writeHead(303, { location: `/device${query}` }).end()
}

/** Takes a code, and then the answer to what its device asks for. */
export async function answerDeviceForm(deps: DeviceDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const visitor = visitorOf(deps, request)
  const form = await readForm(request)
  if (visitor === undefined || form?.get('token') !== visitor.session.formToken) return sendPage(response, errorPage(STALE_FORM))
  const userCode = form.get('user_code') ?? ''
  const decision = form.get('decision')
  if (decision !== 'allow' && decision !== 'deny') return sendPage(response, await pageFor(deps, visitor, userCode))
  const isAllowed = decision === 'allow'
  const found = await deps.codes.find(userCode, visitor.session.formToken)
  if (found.problem !== undefined) return sendPage(response, codePage({ ...viewOf(visitor), problem: found.problem }))
  const isFirst = await deps.codes.decide(userCode, { accountId: visitor.account.sub, isAllowed })
  if (!isFirst) return sendPage(response, codePage({ ...viewOf(visitor), problem: 'used' }))
  deps.log(`${isAllowed ? 'allowed' : 'denied'} on the device page: "${found.clientId}" for "${visitor.account.sub}"`)
  sendPage(response, decidedPage(isAllowed))
}

interface Visitor {
  readonly session: PersonSession
  readonly account: DemoAccount
}

function visitorOf({ sessions, accounts }: DeviceDeps, request: IncomingMessage): Visitor | undefined {
  const session = sessions.of(request)
  const account = session && accounts.find(session.accountId)
  return session === undefined || account === undefined ? undefined : { session, account }
}

function viewOf({ session, account }: Visitor) {
  return { personName: account.name, formToken: session.formToken }
}

async function pageFor({ codes }: DeviceDeps, visitor: Visitor, userCode: string | undefined): Promise<Page> {
  if (userCode === undefined || userCode.trim() === '') return codePage(viewOf(visitor))
  const found = await codes.find(userCode, visitor.session.formToken)
  if (found.problem !== undefined) return codePage({ ...viewOf(visitor), problem: found.problem })
  return confirmPage({ ...viewOf(visitor), ...found })
}

function signInPage({ accounts }: DeviceDeps, { refused, userCode }: { readonly refused: boolean; readonly userCode: string | undefined }) {
  const why = 'Then you can allow a device or terminal to act for you.'
  return personSignInPage({
    action: '/device/sign-in',
    title: 'Sign in to connect a device',
    why,
    people: accounts.people,
    refused,
    userCode,
  })
}
