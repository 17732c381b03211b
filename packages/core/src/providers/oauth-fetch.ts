import type { AuthContext } from '../auth/auth-provider.ts'
import { CountersignError } from '../errors.ts'
import { isAllowedAddress } from './oauth-address.ts'

/** How long and how much an authorization server may answer. */
export interface FetchLimits {
  /** For all calls of one step together. Default 8 s: a person waits, and an answer within 10 s is promised. */
  readonly timeoutMs: number
  /** Of one answer, decompressed. Default 1 MiB: the largest real ones, key sets and metadata, stay below 100 KiB. */
  readonly maxBodyBytes: number
}

export const defaultFetchLimits: FetchLimits = { timeoutMs: 8000, maxBodyBytes: 1024 * 1024 }

/** A request as oauth4webapi makes it. */
export interface OauthRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: URLSearchParams | undefined
}

/** Sends one request and answers with a response that is complete. */
export type OauthFetch = (address: string, request: OauthRequest) => Promise<Response>

/**
 * The one way to an authorization server: https or this computer, no redirects, a deadline that counts from here for every
 * request made with it, and a body that is read in full, up to its limit, before anybody looks at it.
 * @throws CountersignError `upstream_failed`, `cancelled` when the context's signal aborts; what `runtime.fetch` throws passes
 */
export function oauthFetch({ runtime, signal }: Pick<AuthContext, 'runtime' | 'signal'>, limits: FetchLimits): OauthFetch {
  const deadline = runtime.now() + limits.timeoutMs
  return async (address, { method, headers, body }) => {
    const url = new URL(address)
    if (!isAllowedAddress(url)) throw failed(url, 'is asked over https only, or over http on this computer')
    const controller = new AbortController()
    const cancel = (): void =>
      controller.abort(new CountersignError('cancelled', `the request to "${url.host}" was cancelled`, { cause: signal?.reason }))
    const expire = (): void => controller.abort(failed(url, `did not answer in full within ${limits.timeoutMs} ms`))
    // A clock set back must not lengthen the wait.
    const remainingMs = Math.min(deadline - runtime.now(), limits.timeoutMs)
    const stopTimer = runtime.timer(Math.max(remainingMs, 0), expire)
    signal?.addEventListener('abort', cancel, { once: true })
    if (signal?.aborted) cancel()
    if (remainingMs <= 0) expire()
    try {
      const untilAborted = raceWith(controller.signal)
      controller.signal.throwIfAborted()
      const init = { method, headers, body: body ?? null, redirect: 'manual', signal: controller.signal } as const
      const response = await untilAborted(runtime.fetch(url.href, init))
      if (isRedirect(response)) throw failed(url, 'answered with a redirect, which is not followed', response.status)
      const content = await readBody(response, { limit: limits.maxBodyBytes, url, untilAborted })
      return new Response(content, { status: response.status, headers: response.headers })
    } catch (cause) {
      throw controller.signal.aborted ? controller.signal.reason : cause
    } finally {
      stopTimer()
      signal?.removeEventListener('abort', cancel)
      // Nothing is left to read: what the other side still sends is not waited for.
      controller.abort()
    }
  }
}

type UntilAborted = <T>(work: Promise<T>) => Promise<T>

/** Gives up on work when the signal aborts, also on work that does not listen to it. */
function raceWith(signal: AbortSignal): UntilAborted {
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  // Nobody may be racing when it aborts.
  aborted.catch(() => undefined)
  return (work) => Promise.race([work, aborted])
}

async function readBody(
  response: Response,
  { limit, url, untilAborted }: { readonly limit: number; readonly url: URL; readonly untilAborted: UntilAborted },
): Promise<Blob | null> {
  if (response.body === null) return null
  const reader = response.body.getReader()
  const chunks: Uint8Array<ArrayBuffer>[] = []
  try {
    let size = Number(response.headers.get('content-length') ?? 0)
    for (let received = 0; ;) {
      if (size > limit) throw failed(url, `answered with more than ${limit} bytes`, response.status)
      const { done, value } = await untilAborted(reader.read())
      if (done) break
      chunks.push(value)
      received += value.byteLength
      size = Math.max(size, received)
    }
  } catch (cause) {
    reader.cancel().catch(() => undefined)
    throw cause
  }
  return chunks.length === 0 ? null : new Blob(chunks)
}

/** Node shows a redirect as it is, other runtimes as an opaque answer with status 0. */
function isRedirect(response: Response): boolean {
  return response.type === 'opaqueredirect' || [301, 302, 303, 307, 308].includes(response.status)
}

function failed(url: URL, what: string, status?: number): CountersignError {
  return new CountersignError('upstream_failed', `"${url.host}" ${what}`, {
    details: { host: url.host, ...(status !== undefined && { status }) },
  })
}
