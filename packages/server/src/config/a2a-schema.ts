import { isIP } from 'node:net'
import { z } from 'zod'
import { httpAddress } from './fields.ts'

const word = z.string().min(1).max(200)
const sentence = z.string().min(1).max(2_000)

/** An address over which keys may be fetched: what is sent in clear could be another's keys. */
export const issuerAddress = httpAddress.refine(
  (address) => address.startsWith('https://') || isLoopback(hostOf(address)),
  'expected https://, or http:// on this computer',
)

const serverAuth = z
  .strictObject({
    issuer_url: issuerAddress.describe('The authorization server whose access tokens let a program ask.'),
    audience: word.describe('What this agent is called in such a token ("aud").'),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'expected a scope: no spaces, quotes or backslashes'))
      .default([])
      .describe('What a token must allow; all of them are needed.'),
    jwks_uri: issuerAddress.optional().describe('Where its keys are. Default: as its metadata says.'),
    discovery_url: issuerAddress.optional().describe('Where its metadata is. Default: at its well-known address.'),
  })
  .describe('Whose tokens are taken (RFC 9068). Without it nothing but this computer is listened to.')

const skill = z.strictObject({
  id: word.describe('Its name for programs.'),
  name: word.describe('Its name for people.'),
  description: sentence.describe('What it does.'),
  tags: z.array(word).max(50).default([]).describe('Words by which it is found.'),
  examples: z.array(sentence).max(50).default([]).describe('Questions that it answers.'),
})

/** The `general.front_end.a2a` section: how other programs ask the workflow over A2A. NAT's names where NAT has them. */
export const a2aSchema = z
  .strictObject({
    name: word.optional().describe('What the agent is called. Default: the title of the workflow.'),
    description: sentence.optional().describe('What it is for. Default: the description of the workflow.'),
    version: word.default('1.0.0').describe('Which version of the agent it is.'),
    skills: z.array(skill).max(100).default([]).describe('What it can do. Default: one skill with the examples of the workflow.'),
    max_streams_per_client: z
      .int()
      .min(1)
      .default(50)
      .describe(
        'Streams and waiting requests of one client at once: each is a connection, and a client needs one for each task it follows.',
      ),
    server_auth: serverAuth.optional(),
  })
  .describe('Lets other programs ask the workflow over A2A.')

/** The section as the server reads it. */
export type A2aSection = z.output<typeof a2aSchema>

/** Whose tokens are taken. */
export type ServerAuth = z.output<typeof serverAuth>

/** What the rule below depends on, of `general.front_end`. */
interface FrontEnd {
  readonly host: string
  readonly public_url?: string | undefined
  readonly a2a?: A2aSection | undefined
}

/** Why an agent must not be served as it is: open to everybody it would lend each of them what its people allow it. */
export function a2aProblem({ host, public_url: publicUrl, a2a }: FrontEnd): string | undefined {
  if (a2a === undefined || a2a.server_auth) return undefined
  if (isLoopback(host) && (publicUrl === undefined || isLoopback(hostOf(publicUrl)))) return undefined
  return 'needs "server_auth" where others than this computer can reach it: without tokens nobody knows who asks'
}

/** Refuses such an agent as the configuration is read. */
export function a2aRule(frontEnd: FrontEnd, context: z.RefinementCtx): void {
  const message = a2aProblem(frontEnd)
  if (message !== undefined) context.addIssue({ code: 'custom', path: ['a2a'], message })
}

/** Nobody's for what is no address: that is said elsewhere. */
function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).hostname : ''
}

/** Whether only this computer is meant by a host name. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))
}
