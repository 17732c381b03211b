import type * as oauth from 'oauth4webapi'
import type { AuthContext } from '../auth/auth-provider.ts'
import type { Secret } from '../runtime/secret.ts'
import { type NonceMemory, type ProofKey, proofKey, provenOptions } from './dpop.ts'
import { oauthClient, type RequestOptions, requestOptions } from './oauth-client.ts'
import type { OauthClientConfig } from './oauth-client-config.ts'
import { type FetchLimits, type OauthFetch, oauthFetch } from './oauth-fetch.ts'
import { type Endpoint, type OauthServer, oauthServer } from './oauth-server.ts'

/** One step's view of both sides: the server, who we are to it, and the way there. The time limit of the step counts from its making. */
export interface OauthParty<Config extends OauthClientConfig, Needed extends Endpoint> {
  readonly config: Config
  /** The name of the provider's entry, for messages. */
  readonly name: string
  readonly context: AuthContext
  readonly server: OauthServer<Needed>
  readonly client: oauth.Client
  readonly authentication: oauth.ClientAuth
  readonly fetch: OauthFetch
  /** What every request of oauth4webapi is given; with `dpop` they prove the step's key. */
  readonly options: RequestOptions
  /** The key that this step's tokens are bound to, where they are: `toCredential` is given it, and checks that they are. */
  readonly proofKey?: ProofKey
}

/** What all steps of a provider have in common. */
export interface PartySetup<Needed extends Endpoint> {
  readonly name: string
  readonly limits: FetchLimits
  readonly needed: readonly Needed[]
  /** Endpoints that the configuration gives besides `token_url` and `revocation_url`. */
  readonly given?: Readonly<Partial<Record<Endpoint, string | undefined>>>
}

/**
 * Lets each step of a provider meet its authorization server; the metadata and our own key are remembered. A step that ends in a token hands `options` to
 * its request and `proofKey` to `toCredential`; one that goes on with a bound credential or grant names that one's key as `bound`. Otherwise, where the
 * configuration asks for bound tokens, each step has a fresh key.
 */
export function oauthParty<Config extends OauthClientConfig, Needed extends Endpoint>(
  config: Config,
  { name, limits, needed, given = {} }: PartySetup<Needed>,
): (context: AuthContext, bound?: Secret) => Promise<OauthParty<Config, Needed>> {
  const explicit = { token_endpoint: config.token_url, revocation_endpoint: config.revocation_url, ...given }
  const findServer = oauthServer({ name, limits, issuer: config.issuer, needed, given: explicit })
  const ourSide = oauthClient(config, name)
  const nonces: NonceMemory = { latest: undefined }
  return async (context, bound) => {
    const fetch = oauthFetch(context, limits)
    const [server, ours] = await Promise.all([findServer(context), ourSide()])
    const party = { config, name, context, server, ...ours, fetch }
    if (!config.dpop && bound === undefined) return { ...party, options: requestOptions(fetch) }
    const key = await proofKey(bound, nonces)
    return { ...party, proofKey: key, options: provenOptions({ server, ...ours, handle: key.handle, nonces }, fetch) }
  }
}
