import type { OpenOutcome, ReturnOutcome } from '@countersign/core'
import { Hono } from 'hono'
import { type Page, pageScript, pageStyle, renderPage } from './page.ts'
import { type RouteDeps, knownVisitors } from './route-deps.ts'
import { finishSignIn } from './sign-in.ts'

/** The two ends of a sign-in in the browser: `/auth/start/<id>` leads to the authorization server, the callback comes back from it. */
export function consentRoutes(deps: RouteDeps, callbackPath: string): Hono {
  const app = new Hono()
  app.get('/auth/page.css', (context) => context.body(pageStyle, 200, { 'content-type': 'text/css; charset=utf-8' }))
  app.get('/auth/page.js', (context) => context.body(pageScript, 200, { 'content-type': 'text/javascript; charset=utf-8' }))

  app.get('/auth/start/:id', async (context) => {
    const id = context.req.param('id')
    if (!isId(id)) return renderPage(context, notForThisBrowser)
    const opened = await deps.consents.open(id, await knownVisitors(context, deps), deps.cookies.flow(context, id))
    if (opened.outcome !== 'redirect') return renderPage(context, openPage(opened))
    deps.cookies.setFlow(context, id, opened.flow)
    return context.redirect(opened.url, 302)
  })

  // A connection may have a return address of its own: it tells apart authorization servers that do not name themselves in their answers.
  app.on('GET', [callbackPath, `${callbackPath}/:connection`], async (context) => {
    const flows = deps.cookies.flows(context)
    // The path and the query as they came, on the origin we know to be ours.
    const url = new URL(context.req.path + new URL(context.req.url).search, deps.publicOrigin)
    const signedIn = await finishSignIn(context, deps, url)
    if (signedIn) return signedIn
    const returned = await deps.consents.finish(url, flows, await knownVisitors(context, deps))
    return renderPage(context, returnPage(returned))
  })
  return app
}

const notForThisBrowser: Page = {
  status: 403,
  title: 'This sign-in is not for this browser',
  text: 'Only the browser whose chat asked for the sign-in can open it. Go back to the chat there and use its button.',
}

function openPage(outcome: Exclude<OpenOutcome, { outcome: 'redirect' }>): Page {
  switch (outcome.outcome) {
    case 'problem':
      return { status: 502, title: 'The sign-in could not be opened', text: `${outcome.sentence} Use "Try again" in the chat.` }
    case 'ended':
      return endedPage(outcome.state)
    case 'not_found':
      return notForThisBrowser
  }
}

function returnPage(outcome: ReturnOutcome): Page {
  switch (outcome.outcome) {
    case 'granted':
      return { status: 200, title: 'You are signed in', text: 'Go on in the chat. This window closes by itself.', closes: true }
    case 'declined':
      return {
        status: 200,
        title: 'You declined',
        text: 'Nothing was shared. Go on in the chat; this window closes by itself.',
        isNo: true,
        closes: true,
      }
    case 'failed':
      return { status: 502, title: 'The sign-in failed', text: `${outcome.sentence} The chat says what to do next.` }
    case 'earlier':
      return {
        status: 409,
        title: 'This sign-in was already completed',
        text: 'Nothing was changed. You can close this window and go on in the chat.',
      }
    case 'ended':
      return endedPage(outcome.state)
    case 'unknown':
      return {
        status: 400,
        title: 'This sign-in is not known',
        text: 'It may have ended or been replaced by a newer one. Nothing was changed. Go back to the chat.',
      }
    case 'other_browser':
      return {
        status: 403,
        title: 'This sign-in belongs to another browser',
        text: 'It can be finished only in the browser that opened it. Nothing was changed. If somebody sent you this link, close it.',
      }
    case 'foreign_callback':
      return {
        status: 400,
        title: 'This is not the answer we asked for',
        text: 'It does not come from the sign-in that is open. Nothing was changed; the sign-in in the chat still waits.',
      }
  }
}

function endedPage(state: string): Page {
  const text =
    state === 'expired'
      ? 'It was not finished in time. Ask again in the chat.'
      : 'There is nothing left to do here. You can close this window.'
  return { status: 410, title: 'This sign-in is over', text }
}

function isId(text: string): boolean {
  return /^[\w-]{1,64}$/.test(text)
}
