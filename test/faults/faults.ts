import { type Answer, endlessBody, metadata, silence, stallingBody, tokenBody } from '@countersign/core/testing'

/** How an authorization server goes wrong: what it answers, and how much time passes until that is noticed. */
export interface Fault {
  readonly answer: Answer
  /** It is noticed only by a clock. */
  readonly isSilent?: boolean
}

const json = { headers: { 'content-type': 'application/json' } }

/** What any endpoint can do wrong. */
export const anywhere: Readonly<Record<string, Fault>> = {
  'answers 500': { answer: () => new Response('Error: connect ECONNREFUSED 10.0.0.7:5432\n    at pool.js:17', { status: 500 }) },
  'answers 503': { answer: () => Response.json({ error: 'temporarily_unavailable' }, { status: 503 }) },
  'answers HTML instead of JSON': {
    answer: () => new Response('<html><script>alert(1)</script></html>', { headers: { 'content-type': 'text/html' } }),
  },
  'answers with half an object': { answer: () => new Response('{"access_token":', json) },
  'answers with nothing': { answer: () => new Response(null, { status: 204 }) },
  'redirects elsewhere': { answer: () => Response.redirect('http://127.0.0.1:1/', 307) },
  'breaks the connection': { answer: () => Response.error() },
  hangs: { answer: silence, isSilent: true },
  'begins and hangs': { answer: () => new Response(stallingBody('{'), json), isSilent: true },
}

/** What only a token endpoint can do wrong. */
export const atTheToken: Readonly<Record<string, Fault>> = {
  'sends a token of another type': { answer: () => Response.json(tokenBody({ token_type: 'mac' })) },
  'sends no token type': { answer: () => Response.json(tokenBody({ token_type: undefined })) },
  'sends no token': { answer: () => Response.json(tokenBody({ access_token: undefined })) },
  'sends a token that no header can carry': { answer: () => Response.json(tokenBody({ access_token: 'a\r\nx-evil: 1' })) },
}

/** What only metadata can do wrong. */
export function inTheMetadata(issuer: string): Readonly<Record<string, Fault>> {
  const saying = (changes: Readonly<Record<string, unknown>>): Fault => ({ answer: () => Response.json(metadata(issuer, changes)) })
  return {
    'calls itself by another name': saying({ issuer: 'https://mallory.example' }),
    'names a script as its sign-in page': saying({ authorization_endpoint: 'javascript:alert(1)' }),
    'names an address of the cloud as its token endpoint': saying({ token_endpoint: 'http://169.254.169.254/token' }),
    'names no token endpoint': saying({ token_endpoint: undefined }),
  }
}

/** An answer without end; `sent` tells how much of it was taken. */
export function endless(): Fault & { readonly sent: () => number } {
  const { body, sent } = endlessBody()
  return { answer: () => new Response(body, json), sent }
}
