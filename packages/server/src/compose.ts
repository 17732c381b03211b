import {
  Consents,
  CountersignError,
  createSealer,
  DEFAULT_RUN_LIMITS,
  providerOf,
  type RunLimits,
  Runs,
  type Runtime,
  type Store,
  TokenVault,
} from '@countersign/core'
import type { AppPaths } from './app.ts'
import type { Built } from './config/build.ts'
import type { Config } from './config/load-config.ts'
import { Cookies } from './identity/cookies.ts'
import { Sessions } from './identity/sessions.ts'
import type { KeyRing } from './keys/key-ring.ts'
import type { RouteDeps } from './routes/route-deps.ts'

/** What the server's parts are made of. */
export interface Ingredients {
  readonly config: Config
  readonly built: Built
  readonly keys: KeyRing
  readonly store: Store
  readonly runtime: Runtime
  readonly publicOrigin: string
  readonly limits: Partial<RunLimits> | undefined
  readonly isDraining: () => boolean
}

/** Puts the server's parts together; nothing of them runs yet. */
export function compose(from: Ingredients): { readonly deps: RouteDeps; readonly paths: AppPaths } {
  const { config, built, keys, store, runtime, publicOrigin } = from
  const { front_end: frontEnd } = config.general
  const paths = { callback: frontEnd.oauth2_callback_path ?? '/auth/redirect', websocket: frontEnd.workflow.websocket_path ?? '/websocket' }
  const redirectUri = `${publicOrigin}${paths.callback}`
  checkRedirectUris(config, redirectUri)
  const sealer = createSealer(keys.vault, runtime)
  const limits = { ...DEFAULT_RUN_LIMITS, ...from.limits }
  const shared = { store, runtime, sealer, vault: new TokenVault({ store, runtime, sealer }), owner: runtime.id(), redirectUri }
  const workflow = (name: string): Built['workflow'] => {
    if (name !== built.workflow.name) throw new CountersignError('not_found', `there is no workflow "${name}"`)
    return built.workflow
  }
  const runs = new Runs({ ...shared, workflow, startUrl: (id) => `${publicOrigin}/auth/start/${id}`, limits })
  const provider = (name: string): ReturnType<typeof providerOf> => providerOf(built.providers, name)
  const consents = new Consents({ ...shared, provider, exchangeDeadlineMs: limits.exchangeDeadlineMs })
  const deps = {
    store,
    runtime,
    runs,
    consents,
    built,
    publicOrigin,
    sessions: new Sessions({ store, runtime, keys: keys.session }),
    cookies: new Cookies(publicOrigin),
    allowedOrigins: frontEnd.cors.allow_origins,
    isDraining: from.isDraining,
  }
  return { deps, paths }
}

/** A browser is sent back to where its cookies are: another address in the file would end every sign-in at a page that knows nothing. */
function checkRedirectUris({ authentication }: Config, redirectUri: string): void {
  for (const { name, config } of authentication.values()) {
    const given = typeof config === 'object' && config !== null && 'redirect_uri' in config ? config.redirect_uri : undefined
    if (typeof given !== 'string' || given === redirectUri) continue
    const advice = 'remove it, or set general.front_end.public_url to the address under which browsers reach this server'
    throw new CountersignError(
      'invalid_config',
      `authentication.${name}.redirect_uri is "${given}", but this server's is "${redirectUri}"; ${advice}`,
    )
  }
}
