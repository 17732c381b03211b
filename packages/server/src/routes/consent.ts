import { Hono } from 'hono'
import { openPage, returnPage } from './consent-pages.ts'
import { pageScript, pageStyle, renderPage } from './page.ts'
import { type RouteDeps, knownVisitors } from './route-deps.ts'
import { finishSignIn } from './sign-in.ts'

/** The two ends of a sign-in in the browser: `/auth/start/<id>` leads to the authorization server, the callback comes back from it. */
export function consentRoutes(deps: RouteDeps, callbackPath: string): Hono {
  const app = new Hono()
  app.get('/auth/page.css', (context) => context.body(pageStyle, 200, { 'content-type': 'text/css; charset=utf-8' }))
  app.get('/auth/page.js', (context) => context.body(pageScript, 200, { 'content-type': 'text/javascript; charset=utf-8' }))

  app.get('/auth/start/:id', async (context) => {
    const id = context.req.param('id')
    if (!isId(id)) return renderPage(context, openPage({ outcome: 'not_found' }, 'chat'))
    const opened = await deps.consents.open(id, await knownVisitors(context, deps), deps.cookies.flow(context, id))
    if (opened.outcome !== 'redirect') return renderPage(context, openPage(opened, 'chat'))
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
    return renderPage(context, returnPage(returned, 'chat'))
  })
  return app
}

function isId(text: string): boolean {
  return /^[\w-]{1,64}$/.test(text)
}
