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

  encode({ event, seq, at }: LoggedEvent): readonly NatFrame[] {
    const base = { ...this.#base(event, at), seq }
    switch (event.type) {
      case 'run-start':
        this.knowRun(event.runId, event.messageId)
        return []
      case 'reply-start':
        this.#reply = { attempt: event.attempt, sent: this.#reply?.sent ?? '' }
        return []
      case 'token-delta':
        return this.#delta(base, event)
      case 'reply-end': {
        const sent = this.#reply?.sent ?? ''
        this.#reply = undefined
        const rest = event.text.startsWith(sent) ? event.text.slice(sent.length) : `\n\n${event.text}`
        return rest === '' ? [] : [response(base, rest)]
      }
      case 'tool-start':
        this.#inputs.set(event.callId, event.input)
        return [step(base, event, block('Input', event.input))]
      case 'tool-end': {
        const input = this.#inputs.get(event.callId)
        this.#inputs.delete(event.callId)
        return [step(base, event, [...(input === undefined ? [] : [block('Input', input)]), block('Output', event.output)].join('\n\n'))]
      }
      case 'interaction-open':
        return [
          {
            ...base,
            type: 'system_interaction_message',
            id: event.interaction.id,
            thread_id: event.interaction.id,
            content: natPrompt(event.interaction, at),
            status: 'in_progress',
          },
        ]
      case 'run-end':
        return this.#end(base, event)
      case 'tool-wait':
      case 'tool-progress':
      case 'interaction-update':
      case 'interaction-close':
        return []
    }
  }

  #delta(base: Base, { attempt, text }: Extract<RunEvent, { type: 'token-delta' }>): readonly NatFrame[] {
    const reply = this.#reply
    const isTakenOver = reply !== undefined && reply.sent !== '' && reply.attempt !== attempt
    if (this.#mode === 'whole' || reply === undefined || isTakenOver || attempt > 1) return []
    this.#reply = { attempt, sent: reply.sent + text }
    return [response(base, text)]
  }

  #end(base: Base, { state, sentence }: Extract<RunEvent, { type: 'run-end' }>): readonly NatFrame[] {
    this.#reply = undefined
    const complete: NatFrame = { ...base, type: 'system_response_message', content: { text: null }, status: 'complete' }
    if (state !== 'failed') return [complete]
    const content = { code: 'workflow_error', message: 'WorkflowError', details: sentence ?? 'The run failed.' } as const
    return [{ ...base, id: this.#newId(), type: 'error_message', content, status: 'in_progress' }, complete]
  }

  #base({ runId }: RunEvent, at: number): Base {
    return {
      id: this.#newId(),
      thread_id: 'default',
      parent_id: this.#messages.get(runId) ?? 'default',
      conversation_id: this.#conversationId,
      timestamp: new Date(at).toISOString(),
    }
  }
}

interface Base {
  readonly id: string
  readonly thread_id: string
  readonly parent_id: string
  readonly conversation_id: string
  readonly timestamp: string
  readonly seq?: number
}

function response(base: Base, text: string): NatFrame {
  return { ...base, type: 'system_response_message', content: { text }, status: 'in_progress' }
}

/** NAT's clients show payloads as markdown with HTML in it: everything inserted is escaped. */
function step(base: Base, { callId, tool }: { callId: string; tool: string }, payload: string): NatFrame {
  return {
    ...base,
    type: 'system_intermediate_message',
    id: callId,
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
