import type { ClientFrame } from '@countersign/core/protocol'

/** Frames in the order the person caused them, each kept until the log shows that it arrived. */
export class Outbox {
  readonly #entries = new Map<string, { readonly frame: ClientFrame; isSent: boolean }>()

  /** Adds a frame; one of the same subject that is still here is replaced. */
  put(frame: ClientFrame): void {
    const subject = subjectOf(frame)
    this.#entries.delete(subject)
    this.#entries.set(subject, { frame, isSent: false })
  }

  /** The frame about this message or interaction arrived, or is no longer wanted. */
  settle(subject: string): void {
    this.#entries.delete(subject)
  }

  clear(): void {
    this.#entries.clear()
  }

  /** The connection is gone, and with it what it carried: everything unsettled goes out again. */
  rewind(): void {
    for (const entry of this.#entries.values()) entry.isSent = false
  }

  /** The frames to send now. A stop has no trace of its own in the log and is forgotten once sent. */
  take(): readonly ClientFrame[] {
    const unsent = [...this.#entries].filter(([, entry]) => !entry.isSent)
    for (const [subject, entry] of unsent) {
      entry.isSent = true
      if (entry.frame.type === 'cancel_message') this.#entries.delete(subject)
    }
    return unsent.map(([, entry]) => entry.frame)
  }

  get subjects(): readonly string[] {
    return [...this.#entries.keys()]
  }
}

function subjectOf(frame: ClientFrame): string {
  switch (frame.type) {
    case 'user_message':
      return frame.id
    case 'user_interaction_message':
      return frame.interaction_id ?? frame.id
    default:
      return frame.type
  }
}
