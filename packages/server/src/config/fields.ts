import { isIP } from 'node:net'
import { z } from 'zod'

/** An address that is asked over HTTP. */
export const httpAddress = z.url({ protocol: /^https?$/, error: 'expected an address that begins with https:// or http://' })

/** Scheme, host and port, as browsers tell pages apart. */
export const origin = z
  .string()
  .refine((text) => originOf(text) !== undefined, 'expected scheme, host and port alone, such as https://chat.example.com')
  .transform((text) => originOf(text) ?? text)

/** Where something is found on this server; without the characters to which routes give a meaning. */
export const routePath = z.string().regex(/^(?:\/[\w.~-]+)+$/, 'expected a path that begins with "/", of letters, digits and - . _ ~')

/** What to listen on. */
export const listenHost = z
  .string()
  .refine(
    (text) => isIP(text) !== 0 || /^[\w-]+(?:\.[\w-]+)*$/.test(text),
    'expected a host name or an IP address, without scheme and port',
  )

function originOf(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return undefined
  const isAlone = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === ''
  return isAlone ? url.origin : undefined
}
