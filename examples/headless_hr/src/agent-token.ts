import type { AgentCard, OAuthFlows } from '@a2a-js/sdk'
import type { AuthenticationHandler } from '@a2a-js/sdk/client'
import { z } from 'zod'

/** A program that asks agents, as the authorization server knows it. */
export interface Registration {
  readonly clientId: string
  readonly clientSecret: string
  /** The authorization server where it is registered: its secret goes nowhere else, whatever a card says. */
  readonly issuer: string
  /** What the agent is called at the authorization server: its tokens are for nobody else (RFC 8707). */
  readonly resource: string
}

type Flow = Extract<NonNullable<OAuthFlows['flow']>, { $case: 'clientCredentials' }>['value']

/** Where tokens for an agent come from, by its card. */
export function clientCredentialsFlow({ name, securitySchemes }: AgentCard): Flow {
  for (const { scheme } of Object.values(securitySchemes)) {
    const flow = scheme?.$case === 'oauth2SecurityScheme' ? scheme.value.flows?.flow : undefined
    if (flow?.$case === 'clientCredentials') return flow.value
  }
  throw new Error(`the card of "${name}" offers no client credentials`)
}

/** Brings a token with every request to an agent; when the agent takes it no longer, a new one, once. */
export function tokenBearer(flow: Flow, registration: Registration): AuthenticationHandler {
  let token: Promise<string> | undefined
  const headers = async (): Promise<{ authorization: string }> => {
    token ??= requestToken(flow, registration)
    return { authorization: `Bearer ${await token}` }
  }
  return {
    headers,
    async shouldRetryWithHeaders(_request, { status }) {
      if (status !== 401) return undefined
      token = undefined
      return headers()
    },
  }
}

const answer = z.looseObject({ access_token: z.string(), token_type: z.string().regex(/^bearer$/i) })

/** The client credentials grant (RFC 6749 §4.4). Id and secret are encoded as a form has them before they become user and password (§2.3.1). */
async function requestToken({ tokenUrl, scopes }: Flow, { clientId, clientSecret, issuer, resource }: Registration): Promise<string> {
  if (new URL(tokenUrl).origin !== new URL(issuer).origin)
    throw new Error(`the card sends us to ${new URL(tokenUrl).origin}, and our secret is for ${new URL(issuer).origin}`)
  const encoded = [clientId, clientSecret].map((word) => new URLSearchParams([['', word]]).toString().slice(1))
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { accept: 'application/json', authorization: `Basic ${btoa(encoded.join(':'))}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource, scope: Object.keys(scopes).join(' ') }),
    // The secret goes where the card says, and nowhere that this place points to.
    redirect: 'error',
  })
  if (!response.ok) throw new Error(`the authorization server gave no token: HTTP ${response.status}`)
  return answer.parse(await response.json()).access_token
}
