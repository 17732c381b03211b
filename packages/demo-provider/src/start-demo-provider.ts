import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { OIDCContext, Provider } from 'oidc-provider'
import { accessTokenReader } from './access-tokens.ts'
import { DemoAccounts } from './demo-accounts.ts'
import { generateDemoKeys } from './demo-keys.ts'
import { DemoResources, reportsResource } from './demo-resources.ts'
import { DeviceCodes } from './device/device-codes.ts'
import { DpopProofs } from './dpop-proofs.ts'
import { errorPage, NO_SUCH_PAGE } from './error-page.ts'
import { MemoryStore } from './memory-store.ts'
import { loadOidcLibrary } from './oidc-library.ts'
import { renderPage } from './page.ts'
import { PersonSessions } from './person-sessions.ts'
import { PhoneRequests } from './phone/phone-requests.ts'
import { keepPace, PollPace } from './poll-pace.ts'
import { providerConfiguration } from './provider-configuration.ts'
import type { ProviderParts } from './provider-configuration.ts'
import { settingsOf } from './provider-options.ts'
import type { DemoProviderOptions, DemoProviderSettings } from './provider-options.ts'
import { Reports } from './reports-api.ts'
import { requestHandler } from './request-handler.ts'
import { systemRuntime } from './runtime.ts'
import { offerTokenExchange } from './token-exchange.ts'
import { TokenWatch } from './token-watch.ts'

/** A running demo provider. */
export interface DemoProvider {
  /** Issuer identifier, without a trailing slash. */
  readonly issuer: string
  /** Address of the home page; the same as the issuer. */
  readonly url: string
  /** The port listened on, also when 0 was asked for. */
  readonly port: number
  /** How many requests reached the token endpoint since the start, also those `intercept` answered. */
  tokenRequests(): number
  /** Drops every account, session, grant and token, as a restart would; the signing keys stay. */
  forget(): void
  /** Ends at once, also with connections open; calling it again is harmless. */
  stop(): Promise<void>
}

/**
 * Starts an OpenID provider on this computer, in memory, where anybody may sign in under any name.
 * @throws TypeError when an option is not acceptable, such as a host beyond loopback
 * @throws Error when the port cannot be had, with the cause kept
 */
export async function startDemoProvider(options: DemoProviderOptions = {}): Promise<DemoProvider> {
  const settings = settingsOf(options)
  const [library, keys] = await Promise.all([loadOidcLibrary(), generateDemoKeys()])
  const server = createServer()
  const port = await listen(server, settings)
  const issuer = `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`
  const parts = assemble({ library, settings, keys, issuer, port })
  const { provider, forget } = parts
  const watch = new TokenWatch((request) => {
    settings.log(`token request: ${JSON.stringify(request.grantType ?? 'none')} answered with ${request.status}`)
    settings.observe(request)
  })
  report(provider, watch, settings)
  const answer = requestHandler(parts)
  server.on('request', (request, response) => {
    watch.arrived(request, response)
    void answer(request, response)
  })
  return { issuer, url: issuer, port, tokenRequests: () => watch.count, forget, stop: () => stop(server) }
}

type Ground = Pick<ProviderParts, 'library' | 'settings' | 'keys' | 'issuer' | 'port'>

/** Puts the parts of one run together. */
function assemble(ground: Ground) {
  const { library, settings, keys, issuer, port } = ground
  const { accessTokenTtlSeconds, log, clients } = settings
  const accounts = new DemoAccounts(settings.people)
  const resources = new DemoResources([reportsResource(issuer), ...settings.resources])
  const requests = new PhoneRequests(systemRuntime)
  const store = new MemoryStore()
  const pace = new PollPace(settings.pollIntervalSeconds, () => systemRuntime.now())
  const provider = new library.Provider(issuer, providerConfiguration({ ...ground, accounts, clients, resources, requests, store }))
  const sessions = new PersonSessions(port, systemRuntime)
  const codes = new DeviceCodes({ provider, resources, runtime: systemRuntime })
  const reports = new Reports()
  const read = accessTokenReader(issuer, keys.publicJwks)
  keepPace(provider, pace)
  offerTokenExchange({ library, provider, resources, read, runtime: systemRuntime, accessTokenTtlSeconds })
  const forget = (): void => {
    for (const memory of [store, accounts, requests, pace, sessions, codes, reports]) memory.clear()
  }
  const reportsDeps = { resourceId: reportsResource(issuer).id, read, proofs: new DpopProofs(), reports }
  return { library, provider, settings, accounts, resources, requests, sessions, codes, runtime: systemRuntime, log, reportsDeps, forget }
}

/** Binds the port first: with port 0 the issuer is known only afterwards. */
function listen(server: Server, { port, host }: DemoProviderSettings): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const reason =
        cause.code === 'EADDRINUSE' ? 'is in use; stop the other program or choose another port' : `cannot be used: ${cause.message}`
      reject(new Error(`port ${port} on "${host}" ${reason}`, { cause }))
    })
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

/** Tells the log and the watch what oidc-provider does, and gives pages it does not know the usual look. */
function report(provider: Provider, watch: TokenWatch, { log }: DemoProviderSettings): void {
  provider.on('server_error', (_context, error) => log(`server error: ${error.stack ?? error.message}`))
  provider.on('grant.error', (_context, error) =>
    log(`token request refused: ${error.message}, ${error.error_detail ?? error.error_description ?? ''}`),
  )
  provider.on('authorization.error', (_context, error) => log(`authorization refused: ${error.message}, ${error.error_description ?? ''}`))
  // Otherwise koa prints to the console by itself, also for a browser that merely hung up.
  provider.silent = true
  provider.use(async (context, next) => {
    await next()
    // On paths it knows oidc-provider puts its own view of the request beside koa's, whose types cannot say so.
    const oidc = context['oidc'] as OIDCContext | undefined
    watch.recognised(context.req, oidc?.params?.['grant_type'])
    if (context.status === 404 && (context.body ?? null) === null) {
      const { headers, markup } = renderPage(errorPage(NO_SUCH_PAGE))
      context.status = 404
      context.set({ ...headers })
      context.body = markup
    }
  })
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
