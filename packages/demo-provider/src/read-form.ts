import type { IncomingMessage } from 'node:http'

/** Enough for a name and a button; more is not one of our forms. */
const FORM_LIMIT_BYTES = 16 * 1024

/**
 * The fields of a posted form; `undefined` when the body is not a form, is too long, or was sent by a page of another origin.
 * Other ports of this host are "same site", so SameSite cookies would come along: `Sec-Fetch-Site` tells them apart.
 */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const sender = request.headers['sec-fetch-site']
  if (sender !== undefined && sender !== 'same-origin') return undefined
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) return undefined
  const body = await readBody(request)
  return body === undefined ? undefined : new URLSearchParams(body)
}

/** A body as text; `undefined` when it is longer than anything we take. */
export async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  // Leaving the loop early must not end the connection: the refusal still has to be said over it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    // Node types chunks as any; a request whose encoding nobody set yields buffers.
    const bytes = chunk as Buffer
    length += bytes.length
    if (length > FORM_LIMIT_BYTES) return undefined
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}
