import { authorizationSentence, type ErrorCode } from '@countersign/core'
import { type Context, Hono } from 'hono'
import { browserWords } from '../identity/browser-words.ts'
import { returnAddress } from '../identity/return-path.ts'
import type { SignInOutcome } from '../identity/server-sign-in.ts'
import { type Page, renderPage } from './page.ts'
import { type RouteDeps, visitorOf } from './route-deps.ts'

/** The way to the server's own sign-in: `/auth/sign-in?return=<path>`. It ends at the callback that all sign-ins share. */
export function signInRoute(deps: RouteDeps): Hono {
  const app = new Hono()
  const { signIn } = deps
  if (!signIn) return app
  return app.get('/auth/sign-in', async (context) => {
    const returnTo = returnAddress(context.req.query('return') ?? '/', deps.publicOrigin)
    if (returnTo === undefined) return renderPage(context, badReturn)
    const left = await signIn.leave(await visitorOf(context, deps), returnTo)
    switch (left.outcome) {
      case 'redirect':
        return context.redirect(left.url, 302)
      case 'failed':
        return renderPage(context, failedPage(left.code, { host: signIn.host, returnTo }))
      case 'ended':
        return renderPage(context, endedPage)
    }
  })
}

/** Finishes a sign-in to this server, where the callback is that of one. @returns undefined when it is not */
export async function finishSignIn(context: Context, deps: RouteDeps, url: URL): Promise<Response | undefined> {
  const { signIn, sessions, cookies } = deps
  if (!signIn) return undefined
  const visitor = await sessions.find(cookies.session(context))
  const outcome = await signIn.finish(url, visitor, browserWords(context.req.header('user-agent')))
  return outcome && answer(context, deps, outcome)
}

function answer(context: Context, { cookies, signIn }: RouteDeps, outcome: SignInOutcome): Response | Promise<Response> {
  switch (outcome.outcome) {
    case 'signed_in':
      cookies.setSession(context, outcome.cookie)
      return context.redirect(outcome.returnTo, 303)
    case 'failed':
      return renderPage(context, failedPage(outcome.code, { host: signIn?.host ?? '', returnTo: outcome.returnTo }))
    case 'other_browser':
      return renderPage(context, otherBrowserPage)
    case 'ended':
      return renderPage(context, endedPage)
  }
}

function failedPage(code: ErrorCode, { host, returnTo }: { host: string; returnTo: string }): Page {
  const back = { address: returnTo, text: 'Go back' }
  if (code === 'access_denied') return { status: 200, title: 'You did not sign in', text: 'Nothing was changed.', isNo: true, link: back }
  if (code === 'foreign_callback')
    return {
      status: 400,
      title: 'This is not the answer we asked for',
      text: 'Nothing was changed. Sign in again from the chat.',
      link: back,
    }
  return {
    status: 502,
    title: 'The sign-in failed',
    text: `${authorizationSentence(code, { host, notifies: false })} Nothing was changed.`,
    link: back,
  }
}

const toChat = { address: '/', text: 'Go to the chat' }

const badReturn: Page = {
  status: 400,
  title: 'This address leads nowhere',
  text: 'After a sign-in you can go back to a page of this server only. If somebody sent you this link, close it.',
  link: toChat,
}

const otherBrowserPage: Page = {
  status: 403,
  title: 'This sign-in belongs to another browser',
  text: 'It can be finished only in the browser that began it. Nothing was changed. If somebody sent you this link, close it.',
  link: toChat,
}

const endedPage: Page = {
  status: 410,
  title: 'This sign-in is over',
  text: 'It was not finished in time, or this browser was signed out meanwhile. Sign in again from the chat.',
  link: toChat,
}
