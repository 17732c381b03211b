import type { JsonObject } from '@countersign/core'
import { z } from 'zod'
import { limitsSchema } from './limits-schema.ts'

const path = z.string().regex(/^\/[^\s?#]*$/, 'expected a path that begins with "/"')

const cors = z.strictObject({
  allow_origins: z
    .array(z.string())
    .nullish()
    .transform((origins) => origins ?? []),
  allow_origin_regex: z.string().nullish(),
  allow_methods: z.array(z.string()).default(['GET']),
  allow_headers: z.array(z.string()).default([]),
  allow_credentials: z.boolean().default(false),
  expose_headers: z.array(z.string()).default([]),
  max_age: z.int().min(0).default(600),
})

const frontEnd = z.strictObject({
  /** Both names mean this server. */
  _type: z.enum(['countersign', 'fastapi']).default('countersign'),
  host: z.string().min(1).default('localhost'),
  port: z.int().min(0).max(65_535).default(8000),
  /** The address people's browsers see, when it is not host and port. */
  public_url: z.url({ protocol: /^https?$/, error: 'expected an http or https address' }).optional(),
  root_path: z
    .string()
    .regex(/^(?:\/[^\s?#]*)?$/, 'expected "" or a path that begins with "/"')
    .default(''),
  cors: cors.prefault({}),
  /** null: no such route. */
  oauth2_callback_path: path.nullable().default('/auth/redirect'),
  workflow: z.strictObject({ websocket_path: path.nullable().default('/websocket') }).prefault({}),
  limits: limitsSchema,
  /** Lets NAT's own UI, whose proxy never brings our cookie, name its browser by `?session=`: weaker, for loopback or listed origins only. */
  nat_session: z.boolean().default(false),
  /** Who signs people in to this server itself; absent: everybody is an anonymous browser. */
  sign_in: z
    .strictObject({
      /** An entry of `authentication` with an `issuer`. */
      provider: z.string().min(1),
      /** Whether nobody may use the chat without it. */
      required: z.boolean().default(false),
    })
    .optional(),
})

/** The `general` section: logging and the server itself, with NAT's names and defaults. */
export const generalSchema = z
  .strictObject({
    telemetry: z.custom<JsonObject>((value) => typeof value === 'object' && value !== null, 'expected a map').optional(),
    front_end: frontEnd.prefault({}),
  })
  .prefault({})

/** The `general` section as the server reads it. */
export type General = z.output<typeof generalSchema>

/** The `store` section. */
export const storeSchema = z
  .strictObject({
    url: z
      .string()
      .regex(/^(?:sqlite|file|postgres|postgresql):/, 'expected an address that begins with sqlite:, file:, postgres: or postgresql:')
      .optional(),
  })
  .prefault({})

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

/** Options that NAT documents and this server does without, by the section they stand in. */
export const ignoredOptions: Readonly<Record<string, ReadonlySet<string>>> = {
  '': new Set(
    'embedders memory object_stores retrievers ttc_strategies eval optimizer trainers trainer_adapters trajectory_builders finetuning'.split(
      ' ',
    ),
  ),
  general: new Set('use_uvloop per_user_workflow_timeout per_user_workflow_cleanup_interval enable_per_user_monitoring'.split(' ')),
  'general.front_end': new Set(
    (
      'reload workers use_gunicorn scheduler_address db_url max_running_async_jobs dask_workers dask_threads_per_worker dask_worker_memory_limit ' +
      'dask_log_level step_adaptor evaluate evaluate_item endpoints object_store runner_class disable_legacy_routes ' +
      'enable_interactive_extensions accepted_identity_credentials identity_authentication identity_header'
    ).split(' '),
  ),
  'general.front_end.workflow': new Set(
    'method description path openai_api_path openai_api_v1_path legacy_path legacy_openai_api_path'.split(' '),
  ),
}
