import type { OIDCContext, Provider } from 'oidc-provider'
import { CIBA, DEVICE_CODE } from './client-metadata.ts'

/** How long after the last poll the next one may come, per request; whoever is too fast has to be slower for good (RFC 8628 §3.5). */
export class PollPace {
  readonly intervalSeconds: number
  readonly #now: () => number
  readonly #polled = new Map<string, { readonly at: number; readonly intervalMs: number }>()

  constructor(intervalSeconds: number, now: () => number) {
    this.intervalSeconds = intervalSeconds
    this.#now = now
  }

  /** To be called at each poll for what is still pending; whether it came too early. */
  isTooEarly(requestId: string): boolean {
    const at = this.#now()
    const last = this.#polled.get(requestId)
    const intervalMs = last?.intervalMs ?? this.intervalSeconds * 1000
    const isEarly = last !== undefined && at - last.at < intervalMs * TOLERANCE
    this.#polled.delete(requestId)
    this.#polled.set(requestId, { at, intervalMs: isEarly ? intervalMs + SLOWER_MS : intervalMs })
    const [oldest] = this.#polled.keys()
    if (this.#polled.size > LIMIT && oldest !== undefined) this.#polled.delete(oldest)
    return isEarly
  }

  clear(): void {
    this.#polled.clear()
  }
}

/** What a slow_down adds (CIBA §11, RFC 8628 §3.5). */
const SLOWER_MS = 5000
/** Requests sent at the right distance may arrive a little closer to each other. */
const TOLERANCE = 0.9
const LIMIT = 5000

/** oidc-provider sends no `interval` and never says `slow_down`: both are added to its answers. */
export function keepPace(provider: Provider, pace: PollPace): void {
  provider.use(async (context, next) => {
    await next()
    const oidc = context['oidc'] as OIDCContext | undefined
    const body: unknown = context.body
    if (oidc === undefined || !isFields(body)) return
    const isStart = oidc.route === 'backchannel_authentication' || oidc.route === 'device_authorization'
    if (isStart && context.status === 200) context.body = { ...body, interval: pace.intervalSeconds }
    if (oidc.route !== 'token' || body['error'] !== 'authorization_pending') return
    const requestId = polledRequest(oidc.params ?? {})
    if (requestId !== undefined && pace.isTooEarly(requestId)) {
      context.status = 400
      context.body = { error: 'slow_down', error_description: 'polled before the interval was over' }
    }
  })
}

function polledRequest(params: Readonly<Record<string, unknown>>): string | undefined {
  const id = { [CIBA]: params['auth_req_id'], [DEVICE_CODE]: params['device_code'] }[String(params['grant_type'])]
  return typeof id === 'string' ? id : undefined
}

function isFields(body: unknown): body is Readonly<Record<string, unknown>> {
  return typeof body === 'object' && body !== null && !Buffer.isBuffer(body)
}
