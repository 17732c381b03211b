import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Interaction, Provider } from 'oidc-provider'
import { detailWords, parseDetails } from './authorization-details.ts'
import { consentPage } from './consent-page.ts'
import type { DemoAccounts } from './demo-accounts.ts'
import type { DemoResources } from './demo-resources.ts'
import { errorPage, GONE_SIGN_IN } from './error-page.ts'
import { sendPage } from './page.ts'
import type { Page } from './page.ts'
import { readForm } from './read-form.ts'
import { askedScopes, splitScope, textsOf } from './scope-words.ts'
import { signInPage } from './sign-in-page.ts'

/** What the steps of a sign-in work with. */
export interface InteractionDeps {
  readonly provider: Provider
  readonly accounts: DemoAccounts
  readonly resources: DemoResources
  readonly log: (line: string) => void
}

/** One request between a person and a running sign-in. */
export interface InteractionExchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** From the path. */
  readonly uid: string
}

/**
 * Shows and takes the two questions, "who are you?" and "do you allow it?".
 * Forgery from elsewhere: the uid is random, stands only in this browser's address bar (no referrer leaves, no frame is allowed)
 * and must match a signed cookie limited to this path; so a forger can neither name nor ride on somebody's sign-in, and the
 * uid serves as the form's token.
 * @throws SessionNotFound (of oidc-provider) when the sign-in is unknown, over, or another browser's
 */
export async function answerInteraction(deps: InteractionDeps, { request, response, uid }: InteractionExchange): Promise<void> {
  const interaction = await deps.provider.interactionDetails(request, response)
  if (interaction.uid !== uid) return sendPage(response, errorPage(GONE_SIGN_IN))
  const question = await questionOf(deps, interaction)
  if (request.method !== 'POST')
    return sendPage(response, question.page({ typed: textOf(interaction.params['login_hint']), refused: false }))
  const form = await readForm(request)
  if (form === undefined) return sendPage(response, errorPage(FOREIGN_FORM))
  const decision = form.get('decision')
  if (decision === 'deny' || decision === 'cancel') {
    const refusal = { error: 'access_denied', error_description: 'the person declined' }
    return deps.provider.interactionFinished(request, response, refusal, { mergeWithLastSubmission: false })
  }
  const result = await question.answer(form)
  if (result === undefined) return sendPage(response, question.page({ typed: form.get('login') ?? '', refused: true }))
  return deps.provider.interactionFinished(request, response, result, { mergeWithLastSubmission: interaction.prompt.name === 'consent' })
}

/** A question of the sign-in: how it looks, and what a form says to it (`undefined`: nothing that counts). */
interface Question {
  page(state: { readonly typed: string; readonly refused: boolean }): Page
  answer(form: URLSearchParams): Promise<Result | undefined>
}

type Result = Parameters<Provider['interactionFinished']>[2]

async function questionOf(deps: InteractionDeps, interaction: Interaction): Promise<Question> {
  const client = await deps.provider.Client.find(textOf(interaction.params['client_id']))
  const view = {
    uid: interaction.uid,
    clientName: client?.clientName ?? textOf(interaction.params['client_id']),
    redirectUri: textOf(interaction.params['redirect_uri']),
  }
  if (interaction.prompt.name === 'login') {
    return { page: (state) => signInPage({ ...view, ...state }), answer: async (form) => signIn(deps, form) }
  }
  const personName = deps.accounts.find(interaction.session?.accountId ?? '')?.name ?? 'nobody'
  const { scope, resource, authorization_details: parameter } = interaction.params
  const scopes = askedScopes(splitScope(scope), deps.resources, textsOf(resource))
  const details = detailWords(parseDetails(parameter))
  return {
    page: ({ refused }) => consentPage({ ...view, personName, scopes, details, status: refused ? 400 : 200 }),
    answer: async (form) => (form.get('decision') === 'allow' ? allow(deps, interaction) : undefined),
  }
}

function signIn({ accounts, log }: InteractionDeps, form: URLSearchParams): Result | undefined {
  const account = accounts.signIn(form.get('login') ?? '')
  if (account === undefined) return undefined
  log(`signed in: "${account.sub}"`)
  return { login: { accountId: account.sub } }
}

/** Adds what was asked and is not granted yet to the grant between this person and this client. */
async function allow({ provider, log }: InteractionDeps, interaction: Interaction): Promise<Result> {
  const clientId = textOf(interaction.params['client_id'])
  const accountId = interaction.session?.accountId
  const known = interaction.grantId === undefined ? undefined : await provider.Grant.find(interaction.grantId)
  const grant = known ?? new provider.Grant({ clientId, accountId })
  grant.addOIDCScope([...textsOf(interaction.prompt.details['missingOIDCScope'])])
  grant.addOIDCClaims([...textsOf(interaction.prompt.details['missingOIDCClaims'])])
  const perResource = Object.entries(interaction.prompt.details['missingResourceScopes'] ?? {})
  for (const [resource, scopes] of perResource) grant.addResourceScope(resource, [...textsOf(scopes)])
  log(`allowed: "${clientId}" for "${accountId}"`)
  return { consent: { grantId: await grant.save() } }
}

const FOREIGN_FORM = {
  status: 403,
  title: 'This form was not sent from here',
  advice: 'An answer counts only when it is given on the page of this provider. Go back to the app and start again.',
}

/** The library types its parameters as unknown; they are strings or absent. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
