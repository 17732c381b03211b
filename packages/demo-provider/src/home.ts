import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Provider, Session } from 'oidc-provider'
import type { DemoAccounts } from './demo-accounts.ts'
import type { DemoResources } from './demo-resources.ts'
import { errorPage } from './error-page.ts'
import { homePage } from './home-page.ts'
import { sendPage } from './page.ts'
import type { DemoProviderSettings } from './provider-options.ts'
import { readForm } from './read-form.ts'

/** What the home page works with. */
export interface HomeDeps {
  readonly provider: Provider
  readonly accounts: DemoAccounts
  readonly resources: DemoResources
  readonly settings: Pick<DemoProviderSettings, 'redirectUris' | 'clients' | 'people'>
}

/** Shows the home page. */
export async function answerHome(
  { provider, accounts, resources, settings }: HomeDeps,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const session = await sessionOf(provider, request, response)
  const name = accounts.find(session.accountId ?? '')?.name
  const signedIn = name === undefined ? undefined : { name, signOutToken: session.uid }
  sendPage(response, homePage({ ...settings, issuer: provider.issuer, resources: resources.list, signedIn }))
}

/**
 * Ends the person's session here. The form's token is the session's uid: random, and shown on this session's own page only.
 * Tokens without `offline_access` end with their session; those with it were given for exactly this case and go on.
 */
export async function answerSignOut({ provider }: HomeDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const session = await sessionOf(provider, request, response)
  const form = await readForm(request)
  if (session.accountId !== undefined) {
    if (form?.get('token') !== session.uid) return sendPage(response, errorPage(STALE_FORM))
    await session.destroy()
  }
  response.writeHead(303, { location: '/' }).end()
}

const STALE_FORM = {
  status: 403,
  title: 'Nobody was signed out',
  advice: 'The page was out of date. Open the start page and sign out there.',
}

function sessionOf(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<Session> {
  return provider.Session.get(provider.createContext(request, response))
}
