import { z } from 'zod'
import { a2aRule, a2aSchema } from './a2a-schema.ts'
import { listenHost, origin, routePath } from './fields.ts'
import { limitsSchema } from './limits-schema.ts'
import { natSessionRule } from './nat-session-rule.ts'

const cors = z
  .strictObject({
    allow_origins: z
      .array(origin)
      .nullish()
      .transform((origins) => origins ?? [])
      .describe('Web pages elsewhere that may open the WebSocket: their scheme, host and port. The chat of this server needs no entry.'),
  })
  .describe('What web pages of other origins may do.')

const signIn = z
  .strictObject({
    provider: z.string().min(1).describe('An entry of "authentication" with an "issuer".'),
    required: z.boolean().default(false).describe('Whether nobody may use the chat without having signed in.'),
  })
  .describe('Who signs people in to this server itself. Without it everybody is an anonymous browser.')

const frontEnd = z
  .strictObject({
    _type: z.enum(['countersign', 'fastapi']).default('countersign').describe('Both names mean this server.'),
    host: listenHost
      .default('localhost')
      .describe('What to listen on: a host name or an IP address. 0.0.0.0 is every address of this machine.'),
    port: z.int().min(0).max(65_535).default(8000).describe('The port to listen on. 0 takes one that is free.'),
    public_url: origin.optional().describe('Where people find this server, if that is not http://host:port: https://chat.example.com'),
    cors: cors.prefault({}),
    oauth2_callback_path: routePath.default('/auth/redirect').describe('Where authorization servers send browsers back to.'),
    workflow: z
      .strictObject({ websocket_path: routePath.default('/websocket').describe('Where the WebSocket is.') })
      .prefault({})
      .describe('Where the workflow is reached.'),
    limits: limitsSchema,
    nat_session: z
      .boolean()
      .default(false)
      .describe(
        "Lets NAT's own UI name its browser by ?session=, where its gateway keeps our cookie back. Weaker than the cookie; for listed origins only.",
      ),
    sign_in: signIn.optional(),
    a2a: a2aSchema.optional(),
  })
  .refine((given) => given.oauth2_callback_path !== given.workflow.websocket_path, {
    path: ['oauth2_callback_path'],
    error: 'is the path of the WebSocket already; give it another one',
  })
  .superRefine(natSessionRule)
  .superRefine(a2aRule)
  .describe('The server itself.')

/** How NAT names the levels of its log, and what they mean here. */
const levels = { debug: 'debug', info: 'info', warning: 'warn', warn: 'warn', error: 'error', critical: 'error' } as const

const consoleLog = z
  .strictObject({
    _type: z.literal('console').default('console').describe('The one log there is.'),
    level: z
      .string()
      .transform((text) => text.toLowerCase())
      .pipe(z.enum(Object.keys(levels) as (keyof typeof levels)[], `expected one of ${Object.keys(levels).join(', ')}`))
      .transform((name) => levels[name])
      .optional()
      .describe('What is logged: debug, info, warn or error. The option --log_level comes first.'),
  })
  .describe('The log on standard error.')

const telemetry = z
  .strictObject({ logging: z.strictObject({ console: consoleLog.optional() }).optional().describe('The logs.') })
  .describe('What the server tells its operators.')

/** The `general` section: the log and the server itself, with NAT's names and defaults. */
export const generalSchema = z
  .strictObject({ telemetry: telemetry.optional(), front_end: frontEnd.prefault({}) })
  .prefault({})
  .describe('The log and the server itself.')

/** The `general` section as the server reads it. */
export type General = z.output<typeof generalSchema>

/** The `store` section. */
export const storeSchema = z
  .strictObject({
    url: z
      .string()
      .regex(/^(?:(?:sqlite|file):.|postgres(?:ql)?:\/\/.)/, 'expected sqlite:<file> or postgres://<user>@<host>/<database>')
      .optional()
      .describe(
        'The database: sqlite:<file>, relative to the configuration, for one server; postgres://user:password@host/database for any number. Default: sqlite:.countersign/countersign.db',
      ),
    max_connections: z
      .int()
      .min(1)
      .max(1_000)
      .default(10)
      .describe(
        'Connections of this server to PostgreSQL at most, besides one that listens: all servers together need fewer than it allows.',
      ),
    timeout_seconds: z
      .number()
      .min(0.1)
      .max(600)
      .default(10)
      .describe(
        'How long PostgreSQL may take for an answer until it counts as away and people are told so: longer than a busy one needs, shorter than they wait.',
      ),
  })
  .prefault({})
  .describe('Where everything is kept.')

/** The `keys` section. */
export const keysSchema = z
  .strictObject({
    file: z.string().min(1).optional().describe('The key file, relative to the configuration. Default: keys.json beside the database'),
    secret: z
      .string()
      .min(1)
      .optional()
      .describe('The text of a key file, from a variable: for servers that share a database and no disk.'),
  })
  .refine((given) => given.file === undefined || given.secret === undefined, {
    path: ['secret'],
    error: 'stands beside "file"; name the keys in one way',
  })
  .prefault({})
  .describe("The server's keys: what signs sessions, people's answers and the audit's checkpoints, and seals credentials.")

/** The `keys` section as the server reads it. */
export type KeysSection = z.output<typeof keysSchema>

/** The `plugins` section: packages, or files beside the configuration; never an address or a path that leaves the project. */
export const pluginsSchema = z
  .array(
    z
      .string()
      .regex(
        /^(?!.*(?:^|\/)\.\.(?:\/|$))(?:\.\/[\w./-]+|(?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*(?:\/[\w.-]+)*)$/,
        'expected the name of a package or a path that begins with "./"',
      ),
  )
  .default([])
  .describe('Modules whose parts the other sections may name: packages, or files beside this one, such as ./tools.js')
