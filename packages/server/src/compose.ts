import {
  Connections,
  Consents,
  CountersignError,
  createSealer,
  DEFAULT_RUN_LIMITS,
  providerOf,
  Receipts,
  type RunLimits,
  Runs,
  type Runtime,
  type Store,
  TokenVault,
} from '@countersign/core'
import type { Built } from './config/build.ts'
import type { Limits } from './config/limits-schema.ts'
import type { Config } from './config/load-config.ts'
import { Accounts } from './identity/accounts.ts'
import { Cookies } from './identity/cookies.ts'
import { Newcomers } from './identity/newcomers.ts'
import { NatSessions } from './identity/nat-session.ts'
import { ServerSignIn } from './identity/server-sign-in.ts'
import { Sessions } from './identity/sessions.ts'
import type { KeyRing } from './keys/key-ring.ts'
import { Operation } from './operation.ts'
import type { AppPaths, RouteDeps } from './routes/route-deps.ts'

/** What the server's parts are made of. */
export interface Ingredients {
  readonly config: Config
  readonly built: Built
  readonly keys: KeyRing
  readonly store: Store
  readonly runtime: Runtime
  readonly publicOrigin: string
  readonly limits: Partial<RunLimits> | undefined
}

/** Puts the server's parts together; nothing of them runs yet. */
export function compose(from: Ingredients): { readonly deps: RouteDeps; readonly paths: AppPaths } {
  const { config, built, keys, store, runtime, publicOrigin } = from
  const { front_end: frontEnd } = config.general
  const paths = { callback: frontEnd.oauth2_callback_path, websocket: frontEnd.workflow.websocket_path }
  const redirectUri = `${publicOrigin}${paths.callback}`
  const sealer = createSealer(keys.vault, runtime)
  const limits = { ...DEFAULT_RUN_LIMITS, ...askingLimits(frontEnd.limits), ...from.limits }
  const shared = { store, runtime, sealer, vault: new TokenVault({ store, runtime, sealer }), owner: runtime.id(), redirectUri }
  const workflow = (name: string): Built['workflow'] => {
    if (name !== built.workflow.name) throw new CountersignError('not_found', `there is no workflow "${name}"`)
    return built.workflow
  }
  const receipts = new Receipts(keys.receipts, runtime)
  const running = { ...shared, receipts, workflow, startUrl: (id: string) => `${publicOrigin}/auth/start/${id}`, limits }
  const runs = new Runs(running)
  const provider = (name: string): ReturnType<typeof providerOf> => providerOf(built.providers, name)
  const consents = new Consents({ ...shared, provider, exchangeDeadlineMs: limits.exchangeDeadlineMs })
  const connections = new Connections({ ...shared, provider })
  const sessions = new Sessions({ store, runtime, keys: keys.session })
  const accounts = new Accounts({ sessions, connections, runs: running })
  const deps = {
    store,
    runtime,
    runs,
    consents,
    built,
    publicOrigin,
    sessions,
    accounts,
    newcomers: new Newcomers(runtime, frontEnd.limits),
    connections,
    signIn: built.signIn && new ServerSignIn({ ...shared, ...built.signIn, accounts }),
    natSessions: frontEnd.nat_session ? new NatSessions(runtime, frontEnd.cors.allow_origins) : undefined,
    cookies: new Cookies(publicOrigin),
    allowedOrigins: frontEnd.cors.allow_origins,
    limits: frontEnd.limits,
    operation: new Operation(runtime),
    a2a: frontEnd.a2a,
  }
  return { deps, paths }
}

/** How much one person may be asked, as the workflow file says. */
function askingLimits(
  given: Limits,
): Pick<
  RunLimits,
  'openQuestions' | 'signInsPerMinute' | 'declineCoolDownMs' | 'pushesPerMinute' | 'pushesAskedPerMinute' | 'pushCoolDownMs'
> {
  return {
    openQuestions: given.max_open_questions,
    signInsPerMinute: given.max_sign_ins_per_minute,
    declineCoolDownMs: given.decline_cool_down_seconds * 1_000,
    pushesPerMinute: given.max_pushes_per_minute,
    pushesAskedPerMinute: given.max_pushes_asked_per_minute,
    pushCoolDownMs: given.push_cool_down_seconds * 1_000,
  }
}
