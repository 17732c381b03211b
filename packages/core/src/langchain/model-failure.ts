import { CountersignError } from '../errors.ts'

/**
 * Why a model gave no reply, without the provider's words: they may repeat the key, the prompt or the address they were sent.
 * What is kept are the status and the short machine-readable reasons.
 */
export function modelFailure(model: string, cause: unknown): CountersignError {
  const status = statusOf(cause)
  const reason = reasonOf(cause)
  const said = status === undefined ? (reason ?? nameOf(cause)) : `HTTP ${status}${reason === undefined ? '' : ` (${reason})`}`
  return new CountersignError('model_failed', `model "${model}" did not answer: ${said}${adviceFor(status)}`, {
    details: { model, ...(status !== undefined && { status }), ...(reason !== undefined && { reason }) },
  })
}

function adviceFor(status: number | undefined): string {
  if (status === 401 || status === 403) return '; check its API key'
  if (status === 404) return '; check its name and base URL'
  if (status === 429) return '; its rate limit is reached'
  return ''
}

function statusOf(cause: unknown): number | undefined {
  const status = member(cause, 'status') ?? member(cause, 'statusCode')
  return typeof status === 'number' && Number.isInteger(status) ? status : undefined
}

/** Words such as `context_length_exceeded` or `ECONNREFUSED`. A key has digits or mixed case, so it is never taken for one. */
function reasonOf(cause: unknown): string | undefined {
  for (const holder of [cause, member(cause, 'cause'), member(member(cause, 'cause'), 'cause')]) {
    for (const key of ['code', 'type']) {
      const word = member(holder, key)
      if (typeof word === 'string' && /^(?:[a-z]+(?:_[a-z]+)+|E[A-Z]{3,20}|[A-Z]+(?:_[A-Z]+)+)$/.test(word) && word.length <= 64)
        return word
    }
  }
  return undefined
}

function nameOf(cause: unknown): string {
  const name = cause instanceof Error ? cause.name : typeof cause
  return /^[A-Za-z]{1,64}$/.test(name) ? name : 'Error'
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
