import { z } from 'zod'

const KIB = 1024
const MIB = 1024 * KIB

/** What one client may cost the server. Each limit stands with the reason for its default. */
export const limitsSchema = z
  .strictObject({
    /** A larger frame is answered with an error, bytes: no question or message of a person needs as much. */
    max_frame_bytes: z
      .int()
      .min(KIB)
      .max(MIB)
      .default(256 * KIB),
    /** A larger frame closes the socket with 1009, bytes: the socket holds it whole before anybody looks at it. */
    max_payload_bytes: z
      .int()
      .min(KIB)
      .max(16 * MIB)
      .default(MIB),
    /** What a client may leave unread before its socket is closed, bytes; it comes back with its last `seq`. */
    max_unread_bytes: z
      .int()
      .min(64 * KIB)
      .default(4 * MIB),
    /** The largest body of a request, bytes. */
    max_body_bytes: z.int().min(KIB).default(MIB),
    /** Sockets of one session: tabs are few, floods are not. */
    max_sockets_per_session: z.int().min(1).default(8),
    /** Sockets of all clients together. */
    max_sockets: z.int().min(1).default(10_000),
    /** Messages that one session may send in ten seconds. */
    max_messages_per_10_seconds: z.int().min(1).default(30),
    /** Questions that one session may have open before it can start more. */
    max_open_questions: z.int().min(1).default(5),
    /** How long a client may take to send the headers of a request, seconds. */
    header_timeout_seconds: z.number().positive().max(600).default(10),
    /** How long a client may take to send a whole request, seconds. */
    request_timeout_seconds: z.number().positive().max(600).default(30),
    /** Connections of one address that have not yet sent a whole request. */
    max_half_open_per_address: z.int().min(1).default(20),
  })
  .prefault({})

/** The limits as the server reads them. */
export type Limits = z.output<typeof limitsSchema>
