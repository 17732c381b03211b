import type { ServerFrame } from '@countersign/core/protocol'
import type { LogReader } from './conversation-follower.ts'

/** A reader that tells a log in our own frames, as it stands: what is no longer kept leaves no gap that is not told. */
export function logFrames(conversationId: string, send: (frame: ServerFrame) => void): Required<Pick<LogReader, 'deliver' | 'skip'>> {
  return {
    deliver(event, after) {
      const isNext = after === event.seq - 1
      send({ type: 'event_message', conversation_id: conversationId, ...event, ...(!isNext && { after }) })
    },
    skip: (seq) => send({ type: 'snapshot_message', conversation_id: conversationId, seq }),
  }
}
