import { parseArgs } from 'node:util'
import type { DemoProviderOptions } from './provider-options.ts'

/** What the command was asked to do. */
export type Command = { readonly action: 'help' } | { readonly action: 'start'; readonly options: DemoProviderOptions }

/** The text of `--help`. */
export const HELP = `Usage: countersign-demo-provider [--port N] [--redirect-uri URL]... [--ping-endpoint URL]
                                 [--poll-interval SECONDS]

Starts an OpenID provider for demos and tests on 127.0.0.1. Anybody may sign in
under any name: never make it reachable from elsewhere. Its start page lists
the clients, the people and the APIs; at /phone people approve what apps ask,
at /device they type the code of a terminal.

  --port N            port to listen on (default 5001; 0 takes a free one)
  --redirect-uri URL  where clients may be answered; may be repeated
                      (default http://localhost:8000/auth/redirect)
  --ping-endpoint URL where the client countersign-ciba-ping is told of
                      decisions, on loopback (default /auth/ping beside the
                      first redirect URI)
  --poll-interval N   seconds between two polls (default 5)
  --help              show this text

Environment, where the option is not given:
  DEMO_PROVIDER_PORT          as --port
  DEMO_PROVIDER_REDIRECT_URI  as --redirect-uri, several separated by spaces
  DEMO_PROVIDER_PING_ENDPOINT as --ping-endpoint
`

/**
 * Reads arguments and environment; arguments win.
 * @throws TypeError when an argument is unknown or the port is not a number
 */
export function parseCommandLine(args: readonly string[], environment: Readonly<Record<string, string | undefined>>): Command {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      'redirect-uri': { type: 'string', multiple: true },
      'ping-endpoint': { type: 'string' },
      'poll-interval': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help === true) return { action: 'help' }
  const port = values.port ?? given(environment['DEMO_PROVIDER_PORT'])
  const redirectUris = values['redirect-uri'] ?? given(environment['DEMO_PROVIDER_REDIRECT_URI'])?.split(/\s+/)
  const pingEndpoint = values['ping-endpoint'] ?? given(environment['DEMO_PROVIDER_PING_ENDPOINT'])
  const interval = values['poll-interval']
  const pollIntervalSeconds = interval === undefined ? undefined : Number(interval)
  return {
    action: 'start',
    options: { port: port === undefined ? undefined : portOf(port), redirectUris, pingEndpoint, pollIntervalSeconds },
  }
}

/** An empty variable counts as none, as compose files write it. */
function given(variable: string | undefined): string | undefined {
  const value = variable?.trim()
  return value === '' ? undefined : value
}

function portOf(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new TypeError(`port must be a whole number from 0 to 65535, not "${text}"`)
  return Number(text)
}
