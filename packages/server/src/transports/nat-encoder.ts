import type { JsonValue, LoggedEvent, RunEvent } from '@countersign/core'
import type { NatFrame } from '@countersign/core/protocol'
import { natPrompt } from './nat-prompt.ts'

/** What NAT's clients ask for with `schema_type`: deltas, or the whole answer. */
export type NatMode = 'stream' | 'whole'

interface Reply {
  readonly attempt: number
  readonly sent: string
}

/**
 * Run events as NAT's frames, for one conversation on one socket. NAT's clients put deltas together as they come, so those of a reply that
 * was taken over are held back until its end.
 */
export class NatEncoder {
  readonly #conversationId: string
  readonly #newId: () => string
  /** Run → the id of its message. */
  readonly #messages = new Map<string, string>()
  readonly #inputs = new Map<string, JsonValue>()
  #reply: Reply | undefined
  #mode: NatMode = 'stream'

  constructor(conversationId: string, newId: () => string) {
    this.#conversationId = conversationId
    this.#newId = newId
  }

  set mode(mode: NatMode) {
    this.#mode = mode
  }

  /** Tells of a run that began before this socket came. */
  knowRun(runId: string, messageId: string): void {
    this.#messages.set(runId, messageId)
  }

  encode(logged: LoggedEvent): readonly NatFrame[] {
    const { event, at } = logged
    switch (event.type) {
      case 'run-start':
        this.knowRun(event.runId, event.messageId)
        return []
      case 'reply-start':
        this.#reply = { attempt: event.attempt, sent: this.#reply?.sent ?? '' }
        return []
      case 'token-delta':
        return this.#delta(logged, event)
      case 'reply-end': {
        const sent = this.#reply?.sent ?? ''
        this.#reply = undefined
        const rest = event.text.startsWith(sent) ? event.text.slice(sent.length) : `\n\n${event.text}`
        return rest === '' ? [] : [this.#response(logged, rest)]
      }
      case 'tool-start':
        this.#inputs.set(event.callId, event.input)
        return [step(this.#base(logged, event.callId), event, block('Input', event.input))]
      case 'tool-end': {
        const input = this.#inputs.get(event.callId)
        this.#inputs.delete(event.callId)
        const payload = [...(input === undefined ? [] : [block('Input', input)]), block('Output', event.output)].join('\n\n')
        return [step(this.#base(logged, event.callId), event, payload)]
      }
      case 'interaction-open':
        return [
          {
            ...this.#base(logged, event.interaction.id),
            type: 'system_interaction_message',
            thread_id: event.interaction.id,
            content: natPrompt(event.interaction, at),
            status: 'in_progress',
          },
        ]
      case 'run-end':
        return this.#end(logged, event)
      case 'tool-wait':
      case 'tool-progress':
      case 'interaction-update':
      case 'interaction-close':
        return []
    }
  }

  #delta(logged: LoggedEvent, { attempt, text }: Extract<RunEvent, { type: 'token-delta' }>): readonly NatFrame[] {
    const reply = this.#reply
    const isTakenOver = reply !== undefined && reply.sent !== '' && reply.attempt !== attempt
    if (this.#mode === 'whole' || reply === undefined || isTakenOver || attempt > 1) return []
    this.#reply = { attempt, sent: reply.sent + text }
    return [this.#response(logged, text)]
  }

  #end(logged: LoggedEvent, { state, sentence }: Extract<RunEvent, { type: 'run-end' }>): readonly NatFrame[] {
    this.#reply = undefined
    const complete: NatFrame = {
      ...this.#base(logged, this.#newId()),
      type: 'system_response_message',
      content: { text: null },
      status: 'complete',
    }
    if (state !== 'failed') return [complete]
    const content = { code: 'workflow_error', message: 'WorkflowError', details: sentence ?? 'The run failed.' } as const
    return [{ ...this.#base(logged, this.#newId()), type: 'error_message', content, status: 'in_progress' }, complete]
  }

  #response(logged: LoggedEvent, text: string): NatFrame {
    return { ...this.#base(logged, this.#newId()), type: 'system_response_message', content: { text }, status: 'in_progress' }
  }

  #base({ event: { runId }, at, seq }: LoggedEvent, id: string): Base {
    return {
      id,
      thread_id: 'default',
      parent_id: this.#messages.get(runId) ?? 'default',
      conversation_id: this.#conversationId,
      timestamp: new Date(at).toISOString(),
      seq,
    }
  }
}

interface Base {
  readonly id: string
  readonly thread_id: string
  readonly parent_id: string
  readonly conversation_id: string
  readonly timestamp: string
  readonly seq: number
}

/** NAT's clients show payloads as markdown with HTML in it: everything inserted is escaped. */
function step(base: Base, { tool }: { tool: string }, payload: string): NatFrame {
  return {
    ...base,
    type: 'system_intermediate_message',
    parent_id: 'root',
    intermediate_parent_id: 'default',
    update_message_id: 'default',
    content: { name: escapeHtml(`Tool: ${tool}`), payload },
    status: 'in_progress',
  }
}

function block(title: string, value: JsonValue): string {
  return `**${title}:**\n\`\`\`json\n${escapeHtml(JSON.stringify(value, null, 2)).replaceAll('```', '` ` `')}\n\`\`\``
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
