import { z } from 'zod'

const KIB = 1024
const MIB = 1024 * KIB

/** A duration in seconds; fractions are for tests and for links that are very fast. */
const seconds = z.number().positive().max(600)

const limits = z.strictObject({
  max_frame_bytes: z
    .int()
    .min(KIB)
    .max(16 * MIB)
    .default(256 * KIB)
    .describe('A larger frame is answered with an error, bytes: no question or message of a person needs as much.'),
  max_payload_bytes: z
    .int()
    .min(KIB)
    .max(16 * MIB)
    .default(MIB)
    .describe('A larger frame closes the socket with 1009, bytes: the socket holds it whole before anybody looks at it.'),
  max_unread_bytes: z
    .int()
    .min(64 * KIB)
    .default(4 * MIB)
    .describe('What a client may leave unread before its socket is closed with 1013, bytes; it comes back with its last seq.'),
  max_body_bytes: z.int().min(KIB).default(MIB).describe('The largest body of a request, bytes: nothing here takes files.'),
  max_plain_connections: z
    .int()
    .min(1)
    .default(2_000)
    .describe(
      'Connections of all clients together beyond those of max_sockets: descriptors are left for the database and for other servers.',
    ),
  max_half_open_per_address: z
    .int()
    .min(1)
    .default(20)
    .describe(
      'Connections of one address that take longer than a second to send a whole request: honest ones are few, however many come at once.',
    ),
  max_sockets: z.int().min(1).default(10_000).describe('Sockets of all clients together: an idle one costs some ten kilobytes.'),
  max_sockets_per_session: z.int().min(1).default(8).describe('Sockets of one session: tabs are few, floods are not.'),
  max_messages_per_10_seconds: z
    .int()
    .min(1)
    .default(30)
    .describe('Messages that one session may send in ten seconds: no hand is faster. As many again, and its socket is closed with 1008.'),
  max_new_sessions_per_minute: z
    .int()
    .min(1)
    .default(3_000)
    .describe(
      'Sessions that are opened in a minute for browsers nobody knows: each is a row until it is clear that its browser does not come back.',
    ),
  max_new_sessions_per_minute_and_address: z
    .int()
    .min(1)
    .default(300)
    .describe(
      'The same of one address, so that one does not keep all others out. A proxy in front is one address: behind it, give as many as to all.',
    ),
  max_open_questions: z
    .int()
    .min(1)
    .default(5)
    .describe('Questions that one person may have open before they can start more, or are asked more: nobody keeps more in mind.'),
  max_sign_ins_per_minute: z
    .int()
    .min(1)
    .default(10)
    .describe('Sign-ins at one provider that one person may be asked for in a minute: who is asked without end says yes to be left alone.'),
  decline_cool_down_seconds: z
    .number()
    .min(0)
    .max(600)
    .default(5)
    .describe(
      'How long after a person declined a sign-in they are not asked again at that provider, seconds: an agent told no tries again at once. Doubled by each further no, up to ten minutes; who says something new may be asked one step sooner, and a yes ends it.',
    ),
  max_pushes_per_minute: z
    .int()
    .min(1)
    .default(3)
    .describe(
      "How often one person's device may ring in a minute, and how many requests may wait on it, whoever asks (CIBA): who is rung without end says yes to be left alone.",
    ),
  max_pushes_asked_per_minute: z
    .int()
    .min(1)
    .default(10)
    .describe(
      'How many devices one person or program may have ring in a minute at one provider, whosever they are: nobody rings a whole company.',
    ),
  push_cool_down_seconds: z
    .number()
    .min(0)
    .max(600)
    .default(60)
    .describe(
      'How long after a no on a device it does not ring again for the same provider, seconds. Doubled by each further no, up to ten minutes; a yes ends it.',
    ),
  max_new_conversations_per_day: z
    .int()
    .min(1)
    .default(500)
    .describe('Conversations that one person may begin in a day: each keeps its rows, and nobody speaks in so many.'),
  max_log_events: z
    .int()
    .min(100)
    .default(10_000)
    .describe(
      'Events that the log of one conversation keeps for clients that come back: a thousand turns and more. Beyond that the oldest turns go; a run that goes on is kept whole.',
    ),
  header_timeout_seconds: seconds
    .default(10)
    .describe('How long a client may take to send the headers of a request, seconds: a slow telephone needs two.'),
  request_timeout_seconds: seconds.default(30).describe('How long a client may take to send a whole request, seconds.'),
  answer_timeout_seconds: seconds
    .default(60)
    .describe('How long an answer may make no progress, seconds: a client that does not read it would hold it for ever.'),
  heartbeat_seconds: seconds
    .default(15)
    .describe(
      'How often a socket must show that it is there, seconds. The third silence ends it, so that a dead peer is found within 45 s.',
    ),
  close_timeout_seconds: seconds
    .default(5)
    .describe('How long a client has to take its leave once its socket is closed, seconds: what it left unread is kept for as long.'),
})

/** What one client may cost the server. Each limit stands with the reason for its default. */
export const limitsSchema = limits
  .refine((given) => given.max_frame_bytes <= given.max_payload_bytes, {
    path: ['max_frame_bytes'],
    error: 'expected no more than max_payload_bytes: a larger frame never gets so far',
  })
  .refine((given) => given.header_timeout_seconds <= given.request_timeout_seconds, {
    path: ['header_timeout_seconds'],
    error: 'expected no more than request_timeout_seconds: the headers are a part of the request',
  })
  .prefault({})

/** The limits as the server reads them. */
export type Limits = z.output<typeof limitsSchema>
