import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'

/** What a request may bring: a body of so many bytes, and as it is: a packed one is larger than it looks. */
export function requestLimits(maxBodyBytes: number): readonly [MiddlewareHandler, MiddlewareHandler] {
  const tooLarge = (context: Context): Response => context.text('the body is too large\n', 413, { connection: 'close' })
  const limited = bodyLimit({ maxSize: maxBodyBytes, onError: tooLarge })
  const asItIs = createMiddleware(async (context, next) => {
    const { req } = context
    if (isPacked(req.header('content-encoding')) || isPacked(req.header('transfer-encoding')?.replace(/^chunked$/i, '')))
      return context.text('the body must be sent as it is\n', 415, { 'accept-encoding': 'identity', connection: 'close' })
    // Told by its own word, whether it would be read or not.
    return Number(req.header('content-length') ?? 0) > maxBodyBytes ? tooLarge(context) : next()
  })
  const whole = createMiddleware(async (context, next) => {
    let isWhole = false
    const goOn = (): Promise<void> => {
      isWhole = true
      return next()
    }
    try {
      return await limited(context, goOn)
    } catch (error) {
      // Whoever went away in the middle of a body reads no answer, and is no failure of ours.
      if (isWhole) throw error
      return context.text('the body did not come\n', 400)
    }
  })
  return [asItIs, whole]
}

function isPacked(encoding = ''): boolean {
  return encoding !== '' && encoding.toLowerCase() !== 'identity'
}
