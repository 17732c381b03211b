import type { AuthContext, AuthProvider, AuthStep } from '../auth/auth-provider.ts'
import type { AuthRequirement } from '../auth/auth-requirement.ts'
import { virtualRuntime, type VirtualRuntime } from './virtual-runtime.ts'
import { hostileServer, type HostileServer, metadata, paths } from '../providers/hostile-server.ts'
import { hostileContext } from '../providers/hostile-sign-in.ts'

/** What a scripted token endpoint answers to one poll; an error is a connection that fails. */
export type PollAnswer = () => Response | Promise<Response>

/** A provider that is polled, its scripted server, and time that passes only as the polls do. */
export interface PollingWorld {
  readonly server: HostileServer
  readonly runtime: VirtualRuntime
  readonly context: AuthContext
  /** Begins, and polls when it is due until there is an end. */
  run(provider: AuthProvider, requirement?: Partial<AuthRequirement>): Promise<PollingEnd>
}

/** How a wait went and ended. */
export interface PollingEnd {
  /** Seconds from each wait to the next, the first one included. */
  readonly waits: readonly number[]
  readonly phases: readonly string[]
  readonly step?: AuthStep
  readonly error?: unknown
}

/** Where the scripted server is asked to ask people. */
export const askPaths = { backchannel: '/bc-authorize', device: '/device' } as const

/** @param answers what the token endpoint says, poll after poll; the last one again and again */
export function pollingWorld(answers: readonly PollAnswer[], acknowledgement: object = {}): PollingWorld {
  const server = hostileServer('https://login.example')
  const runtime = virtualRuntime({ fetch: (input, init) => server.answer(new Request(input, init)) })
  let polls = 0
  const ack = { auth_req_id: 'request-1', device_code: 'request-1', expires_in: 300, ...acknowledgement }
  const addresses = { user_code: 'WDJB-MJHT', verification_uri: `${server.issuer}/activate` }
  server.script[paths.oidc] = () =>
    Response.json(
      metadata(server.issuer, {
        backchannel_authentication_endpoint: `${server.issuer}${askPaths.backchannel}`,
        device_authorization_endpoint: `${server.issuer}${askPaths.device}`,
      }),
    )
  server.script[askPaths.backchannel] = () => Response.json(ack)
  server.script[askPaths.device] = () => Response.json({ ...addresses, ...ack })
  server.script[paths.token] = () => (answers[Math.min(polls++, answers.length - 1)] ?? pending())()
  const context = hostileContext(runtime)
  return { server, runtime, context, run: (provider, requirement = {}) => follow({ provider, context, runtime }, requirement) }
}

/** An answer with an error code (RFC 6749 §5.2). */
export function answer(error: string, init: ResponseInit = {}): PollAnswer {
  return () => Response.json({ error, error_description: 'words of the server' }, { status: 400, ...init })
}

export const pending = (headers: Record<string, string> = {}): PollAnswer => answer('authorization_pending', { headers })
export const slowDown = (headers: Record<string, string> = {}): PollAnswer => answer('slow_down', { headers })

/** A connection that fails. */
export const unreachable: PollAnswer = () => Promise.reject(new TypeError('fetch failed'))

async function follow(
  { provider, context, runtime }: { provider: AuthProvider; context: AuthContext; runtime: VirtualRuntime },
  asked: Partial<AuthRequirement>,
): Promise<PollingEnd> {
  const requirement: AuthRequirement = { provider: 'polled', loginHint: 'ada', ...asked }
  const waits: number[] = []
  const phases: string[] = []
  try {
    let step = await provider.begin(requirement, context)
    while (step.status === 'waiting') {
      const waitMs = (step.pollAt ?? Infinity) - runtime.now()
      waits.push(waitMs / 1000)
      phases.push(step.phase ?? 'waiting')
      if (waits.length > 100) throw new Error('it waits for ever')
      await runtime.advance(waitMs)
      // What a store gives back of it, to whichever process polls next.
      const state = JSON.parse(JSON.stringify(step.state)) as typeof step.state
      const next = await provider.advance?.(requirement, state, { type: 'tick' }, context)
      if (next === undefined) throw new Error('it cannot be polled')
      step = next
    }
    return { waits, phases, step }
  } catch (error) {
    return { waits, phases, error }
  }
}
